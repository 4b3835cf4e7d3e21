"""What layout knows of the world: how large things are, where they live, how wide drawings are.

Sizes are in metres and only roughly true; on the page they are compressed (a tree is twice
a cat and not thirty times), so that the ant is still seen beside the elephant. A drawing's own
name is looked up first, then its group in the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pisang.engines.sketch import drawings

__all__ = ["Habitat", "aspect", "habitat", "metres", "stature", "subgroup"]


class Habitat(StrEnum):
    GROUND = "ground"
    SKY = "sky"  # sun, moon, clouds, stars: high up
    AIR = "air"  # birds, planes, balloons: anywhere above the ground
    WATER = "water"  # boats: on the water line
    DEEP = "deep"  # fish: in the water
    SMALL = "small"  # stands on a table where there is one


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHAPES: Mapping[str, float] = MappingProxyType(
    {
        "shape:rectangle": 1.6,
        "shape:line": 8.0,
        "shape:arrow": 2.0,
        "shape:cylinder": 0.75,
        "shape:cone": 0.85,
        "shape:triangle": 1.12,
        "shape:pyramid": 1.15,
        "shape:hexagon": 1.1,
        "shape:heart": 1.08,
    }
)

# Metres: the side of a square with the thing's area. First by name, then by (sub)group.
_METRES: Mapping[str, float] = MappingProxyType(
    {
        "ant": 0.012, "microbe": 0.01, "mosquito": 0.012, "fly": 0.012, "honeybee": 0.02,
        "lady-beetle": 0.015, "butterfly": 0.08, "snail": 0.05, "spider": 0.03, "worm": 0.06,
        "mouse": 0.09, "mouse-face": 0.1, "rat": 0.2, "hamster": 0.12, "chipmunk": 0.15,
        "hedgehog": 0.2, "frog": 0.1, "cat": 0.45, "black-cat": 0.45, "cat-face": 0.35,
        "dog": 0.65, "guide-dog": 0.7, "service-dog": 0.7, "poodle": 0.6, "dog-face": 0.4,
        "rabbit": 0.35, "rabbit-face": 0.3, "fox": 0.6, "wolf": 0.9, "raccoon": 0.45,
        "skunk": 0.4, "badger": 0.5, "beaver": 0.5, "otter": 0.6, "sloth": 0.6, "koala": 0.6,
        "monkey": 0.7, "bat": 0.3, "pig": 1.0, "boar": 1.0, "ewe": 1.0, "ram": 1.0, "goat": 0.9,
        "llama": 1.7, "deer": 1.6, "horse": 2.0, "unicorn": 1.8, "cow": 1.8, "ox": 1.9,
        "giraffe": 4.2, "elephant": 3.0, "mammoth": 3.4, "rhinoceros": 2.2,
        "hippopotamus": 2.1, "camel": 2.3, "two-hump-camel": 2.3, "bison": 2.1, "moose": 2.2,
        "lion": 1.4, "tiger": 1.4, "leopard": 1.1, "gorilla": 1.5, "bear": 1.2, "panda": 1.1,
        "polar-bear": 1.7, "kangaroo": 1.3, "baby-chick": 0.1, "hatching-chick": 0.1,
        "front-facing-baby-chick": 0.1, "bird": 0.25, "blackbird": 0.25, "owl": 0.4,
        "duck": 0.4, "swan": 0.9, "goose": 0.7, "flamingo": 1.1, "peacock": 1.2, "penguin": 0.7,
        "turkey": 0.8, "chicken": 0.4, "rooster": 0.5, "ostrich": 2.0, "eagle": 0.7,
        "dove": 0.3, "parrot": 0.4, "t-rex": 5.0, "sauropod": 8.0, "dragon": 4.0, "snake": 0.5,
        "lizard": 0.2, "turtle": 0.5, "crocodile": 1.6, "whale": 7.0, "spouting-whale": 7.0,
        "shark": 2.5, "dolphin": 1.6, "octopus": 0.7, "seal": 1.0, "crab": 0.2, "lobster": 0.3,
        "shrimp": 0.1, "fish": 0.3, "tropical-fish": 0.2, "blowfish": 0.25, "jellyfish": 0.4,
        "spiral-shell": 0.1, "oyster": 0.1, "coral": 0.6,
        "deciduous-tree": 7.0, "evergreen-tree": 8.0, "palm-tree": 7.0, "christmas-tree": 3.5,
        "tanabata-tree": 3.0, "cactus": 1.6, "potted-plant": 0.6, "seedling": 0.15,
        "mushroom": 0.15, "sunflower": 0.9, "bouquet": 0.45, "tulip": 0.35, "rose": 0.35,
        "jack-o-lantern": 0.35, "teddy-bear": 0.4, "snowman": 1.5,
        "snowman-without-snow": 1.5, "wrapped-gift": 0.4, "balloon": 0.4, "kite": 0.7,
        "trophy": 0.4, "goal-net": 2.4, "house": 7.0, "house-with-garden": 7.5, "houses": 8.5,
        "hut": 4.0, "derelict-house": 7.0, "castle": 16.0, "japanese-castle": 16.0,
        "tokyo-tower": 40.0, "statue-of-liberty": 30.0, "hotel": 14.0, "factory": 14.0,
        "office-building": 18.0, "hospital": 14.0, "school": 11.0, "bank": 10.0,
        "stadium": 18.0, "church": 12.0, "mosque": 12.0, "mountain": 60.0, "volcano": 60.0,
        "snow-capped-mountain": 60.0, "mount-fuji": 60.0, "tent": 1.8, "camping": 5.0,
        "circus-tent": 9.0, "ferris-wheel": 14.0, "roller-coaster": 14.0, "fountain": 2.5,
        "carousel-horse": 1.6, "moai": 3.0, "rock": 0.8, "wood": 0.5, "brick": 0.4,
        "desert-island": 6.0, "beach-with-umbrella": 2.5, "bridge-at-night": 20.0,
        "sun": 9.0, "sun-with-face": 9.0, "full-moon": 7.0, "full-moon-face": 7.0,
        "crescent-moon": 6.0, "star": 1.0, "glowing-star": 1.2, "cloud": 6.0, "rainbow": 25.0,
        "snowflake": 0.5, "umbrella": 0.9, "umbrella-on-ground": 2.0, "fire": 0.6,
        "tornado": 8.0, "comet": 5.0, "ringed-planet": 10.0, "milky-way": 12.0,
        "globe-showing-europe-africa": 10.0, "globe-showing-americas": 10.0,
        "globe-showing-asia-australia": 10.0,
        "bicycle": 1.4, "kick-scooter": 0.9, "skateboard": 0.5, "roller-skate": 0.3,
        "motorcycle": 1.6, "motor-scooter": 1.4, "automobile": 2.3, "taxi": 2.3,
        "sport-utility-vehicle": 2.6, "police-car": 2.3, "racing-car": 2.3,
        "pickup-truck": 2.8, "minibus": 3.0, "ambulance": 3.2, "bus": 4.5, "fire-engine": 4.2,
        "delivery-truck": 3.8, "articulated-lorry": 4.5, "tractor": 2.8, "locomotive": 5.0,
        "train": 4.5, "tram": 4.5, "stop-sign": 1.0, "vertical-traffic-light": 1.4,
        "fuel-pump": 1.5, "airplane": 8.0, "small-airplane": 5.0, "helicopter": 5.0,
        "rocket": 9.0, "flying-saucer": 4.0, "satellite": 3.0, "parachute": 4.0,
        "sailboat": 5.0, "canoe": 2.0, "speedboat": 3.0, "motor-boat": 4.0, "ferry": 9.0,
        "passenger-ship": 12.0, "ship": 12.0, "anchor": 1.0, "ring-buoy": 0.6,
        "bed": 1.7, "couch-and-lamp": 1.8, "chair": 0.9, "door": 1.6, "window": 1.2,
        "bathtub": 1.3, "toilet": 0.8, "shower": 1.8, "elevator": 2.0, "mirror": 0.9,
        "shopping-cart": 1.0, "ladder": 2.0, "desktop-computer": 0.6, "laptop": 0.4,
        "television": 0.9, "radio": 0.35, "printer": 0.5, "keyboard": 0.3,
        "satellite-antenna": 2.0, "telescope": 0.9, "guitar": 0.8, "violin": 0.5,
        "musical-keyboard": 0.9, "drum": 0.4, "saxophone": 0.6, "backpack": 0.5,
        "luggage": 0.6, "couch": 1.8, "lamp": 0.5, "grinning-face": 0.4, "robot": 1.1,
        "ghost": 1.0, "alien": 1.0, "pile-of-poo": 0.3, "skull": 0.3, "baby": 0.5, "boy": 0.8,
        "girl": 0.8, "child": 0.8, "astronaut": 1.2, "book": 0.25, "books": 0.3,
        "birthday-cake": 0.4, "shortcake": 0.2, "cupcake": 0.12, "watermelon": 0.3,
        "pineapple": 0.3, "hot-beverage": 0.16, "teapot": 0.25, "beer-mug": 0.2,
        "bottle-with-popping-cork": 0.35, "pizza": 0.3, "hamburger": 0.15, "coffin": 1.5,
        "headstone": 0.9, "bell": 0.4, "candle": 0.25, "lipstick": 0.09, "ring": 0.05,
        "lotion-bottle": 0.2, "watch": 0.12, "sunglasses": 0.18,
        "barn": 9.0, "bridge": 7.0, "wooden-bridge": 4.5, "treasure-chest": 0.8,
        "watering-can": 0.35, "armchair": 1.25, "sofa": 1.8, "fireplace": 1.8, "fridge": 1.3,
        "oven": 1.0, "washing-machine": 0.9, "vase": 0.45, "jug": 0.3, "wine-bottle": 0.28,
        "perfume-bottle": 0.12, "sneaker": 0.25, "gift-bag": 0.4, "monitor": 0.6,
        "smartwatch": 0.12, "drone": 0.6, "earth": 10.0, "mars": 9.0, "jupiter": 10.0,
        "spaceship": 9.0, "moon-rover": 2.0, "igloo": 3.0, "iceberg": 12.0, "snow-globe": 0.25,
        "submarine": 7.0, "pirate-ship": 10.0, "rowing-boat": 2.5, "kayak": 2.2,
        "zeppelin": 11.0, "excavator": 4.0, "dump-truck": 4.2, "cement-mixer": 4.2,
        "waterfall": 12.0, "cave": 7.0, "water-well": 1.8, "pond": 4.0, "hay-bale": 1.2,
        "scarecrow": 1.6, "beehive": 0.8, "bird-house": 0.9, "swing-set": 2.3, "seesaw": 1.9,
        "sandcastle": 0.8, "deck-chair": 1.1, "surfboard": 1.2, "eiffel-tower": 40.0,
        "egyptian-pyramid": 30.0, "big-ben": 35.0, "gazebo": 4.5, "lantern": 0.35,
        "bamboo": 3.5, "willow": 6.5, "birch": 6.0, "apple-tree": 5.0, "cherry-tree": 5.5,
        "bush": 1.2, "fern": 0.5, "lavender": 0.5, "santa-claus": 1.3,
        "easter-egg": 0.14, "easter-basket": 0.4, "wreath": 0.5, "bunting": 2.0, "party-hat": 0.25,
        "menorah": 0.4, "dreidel": 0.12, "starfish": 0.25, "seahorse": 0.2, "snowy-pine": 7.0,
        "roast-turkey": 0.4, "wardrobe": 1.9, "grand-piano": 1.8, "wall-clock": 0.4,
        "table-lamp": 0.4, "candelabra": 0.4, "campfire": 0.8, "wooden-gate": 1.4,
        "cooking-pot": 0.35, "skeleton": 1.2,
    }
)  # fmt: skip
_GROUPS: Mapping[str, float] = MappingProxyType(
    {
        "animal-bug": 0.04, "animal-bird": 0.4, "animal-mammal": 0.9, "animal-marine": 0.5,
        "animal-reptile": 0.6, "animal-amphibian": 0.1, "plant-flower": 0.35,
        "plant-other": 0.4, "drink": 0.18, "dishware": 0.25, "food-prepared": 0.2,
        "food-sweet": 0.16, "food-fruit": 0.14, "food-vegetable": 0.18, "food-asian": 0.2,
        "place-building": 11.0, "place-religious": 11.0, "place-geographic": 25.0,
        "place-other": 8.0, "transport-ground": 2.6, "transport-air": 5.0,
        "transport-water": 5.0, "sky-weather": 4.0, "time": 0.25, "hotel": 0.4,
        "book-paper": 0.25, "clothing": 0.5, "computer": 0.4, "household": 0.5,
        "light-video": 0.3, "musical-instrument": 0.6, "music": 0.35, "office": 0.3,
        "phone": 0.2, "tool": 0.35, "science": 0.35, "mail": 0.5, "money": 0.2, "sport": 0.35,
        "game": 0.3, "event": 0.4, "arts-crafts": 0.4, "award-medal": 0.2, "person": 0.5,
        "person-role": 0.85, "person-activity": 1.2, "person-fantasy": 1.15,
        "person-sport": 1.3, "person-gesture": 1.1, "person-resting": 1.1, "family": 1.5,
        "flag": 0.9, "heart": 0.3,
    }
)  # fmt: skip
_SKY = _words(
    """sun sun-with-face full-moon full-moon-face crescent-moon first-quarter-moon
    first-quarter-moon-face last-quarter-moon last-quarter-moon-face new-moon new-moon-face
    waning-crescent-moon waning-gibbous-moon waxing-crescent-moon waxing-gibbous-moon star
    glowing-star cloud cloud-with-lightning cloud-with-lightning-and-rain cloud-with-rain
    cloud-with-snow sun-behind-cloud sun-behind-large-cloud sun-behind-rain-cloud
    sun-behind-small-cloud rainbow shooting-star comet milky-way ringed-planet high-voltage
    wind-face sparkles fireworks sparkler dizzy earth mars jupiter"""
)
_AIR = _words(
    """bird dove eagle bat butterfly honeybee balloon kite airplane airplane-arrival
    airplane-departure helicopter small-airplane rocket flying-saucer satellite parachute
    mosquito fly snowflake leaf-fluttering-in-wind aerial-tramway mountain-cableway
    suspension-railway money-with-wings phoenix-bird blackbird baby-angel fairy
    confetti-ball musical-note musical-notes speech-balloon thought-balloon
    flying-disc carp-streamer hot-air-balloon superhero witch droplet
    drone spaceship zeppelin"""
)
_WATER = _words(
    """sailboat canoe speedboat motor-boat ferry passenger-ship ship duck swan ring-buoy
    man-surfing person-surfing woman-surfing person-rowing-boat man-rowing-boat
    woman-rowing-boat person-swimming man-swimming woman-swimming pirate-ship rowing-boat kayak
    iceberg"""
)
_DEEP = _words(
    """fish tropical-fish blowfish shark octopus whale spouting-whale dolphin jellyfish squid
    shrimp mermaid merman merperson submarine seahorse"""
)
_SMALL_GROUPS = {
    "food-prepared", "food-sweet", "food-fruit", "food-vegetable", "food-asian", "drink",
    "dishware", "book-paper", "computer", "office", "phone", "writing", "science", "money",
}  # fmt: skip
_PLAIN = 0.5
_COMPRESSED = 0.31


def aspect(drawing: str) -> float:
    """Width over height of a drawing's ink, or of a ``shape:``; 1 for one nobody knows."""
    if drawing.startswith("shape:"):
        return _SHAPES.get(drawing, 1.0)
    try:
        left, top, right, foot = drawings.entry(drawing).box
    except KeyError:
        return 1.0
    return max(right - left, 0.1) / max(foot - top, 0.1)


def subgroup(drawing: str) -> str:
    """The library's group of a drawing, "" for shapes and unknown names."""
    try:
        return drawings.entry(drawing).subgroup
    except KeyError:
        return ""


def _base(drawing: str) -> str:
    try:
        return drawings.entry(drawing).base or drawing
    except KeyError:
        return drawing


def metres(drawing: str) -> float:
    """The side of a square as large as the thing."""
    base = _base(drawing)
    return _METRES.get(drawing) or _METRES.get(base) or _GROUPS.get(subgroup(drawing), _PLAIN)


def stature(drawing: str) -> float:
    """The side of that square on the page, in units where a person is about 1."""
    return float((metres(drawing) / 1.1) ** _COMPRESSED)


def habitat(drawing: str) -> Habitat:
    """Where the thing is at home."""
    base = _base(drawing)
    for names, home in (
        (_SKY, Habitat.SKY),
        (_AIR, Habitat.AIR),
        (_WATER, Habitat.WATER),
        (_DEEP, Habitat.DEEP),
    ):
        if base in names or drawing in names:
            return home
    return Habitat.SMALL if subgroup(drawing) in _SMALL_GROUPS else Habitat.GROUND
