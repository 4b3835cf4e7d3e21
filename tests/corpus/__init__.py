"""The prompt corpus: what people ask for, as data, with what each picture must hold."""
