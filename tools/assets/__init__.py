"""Makes the packed data of the sketch engine from locked npm packages (`script/pack-assets`)."""
