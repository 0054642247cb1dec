"""Scenes with the captions that describe them: which words go with which pictures."""

from __future__ import annotations

import collections
import dataclasses
import random

import numpy as np
import scenes
from drawings import Emoji
from scenes import Placement, Scene

SIZES = {"tiny": 40, "small": 64, "little": 64, "big": 124, "large": 124, "huge": 124}
PLACES = {
    "on the left": (36, 64),
    "on the right": (92, 64),
    "at the top": (64, 36),
    "at the bottom": (64, 92),
    "in the top left corner": (36, 36),
    "in the top right corner": (92, 36),
    "in the bottom left corner": (36, 92),
    "in the bottom right corner": (92, 92),
}
COUNTS = {
    "two": ((34, 64), (94, 64)),
    "three": ((34, 92), (94, 92), (64, 36)),
    "four": ((34, 34), (94, 34), (34, 94), (94, 94)),
}
PAIR_SIZE = 58
INTRODUCTIONS = (
    "{}",
    "{}",
    "{}",
    "a picture of {}",
    "a drawing of {}",
    "an image of {}",
    "an icon of {}",
    "a photo of {}",
)
BACKGROUNDS = (
    "{} on a {} background",
    "{} on a {} background",
    "{} on {}",
    "{}, {} background",
    "{} {} background",
    "{} in front of a {} background",
    "{} in front of {}",
    "{} against {}",
)
UNCOMPOSED = (
    "flag of",
    "family",
    "couple",
    "kiss",
    "keycap",
    "button",
    "o'clock",
    "thirty",
    "people",
    "person",
    "man",
    "woman",
    "sign",
    "arrow",
)


@dataclasses.dataclass(frozen=True)
class Example:
    """A scene, some captions for it and the sort of scene it is ("bare", "background" or "composed")."""

    scene: Scene
    captions: tuple[str, ...]
    sort: str


def with_article(name: str) -> str:
    """Puts "a" or "an" before a name."""
    return ("an " if name[0] in "aeiou" else "a ") + name


def plural(name: str) -> str:
    """Makes the last word of a name plural, by the common rules."""
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


def aliases(emoji: list[Emoji]) -> list[tuple[str, ...]]:
    """Other words for each emoji: keywords and last words of names that few emoji share and none has as its name."""
    names = {one.name for one in emoji}
    candidates = [{*one.keywords, one.name.split()[-1], one.name.removesuffix(" face")} - names for one in emoji]
    holders = collections.Counter(word for words in candidates for word in words)
    return [tuple(sorted(word for word in words if word and holders[word] <= 3)) for words in candidates]


class Captions:
    """Writes examples for the whole set.

    Args:
        emoji: The set.
        store: Its drawings.
        seed: Fixes all choices.
    """

    def __init__(self, emoji: list[Emoji], store: np.ndarray, seed: int = 0) -> None:
        self.emoji, self.chance = emoji, random.Random(seed)
        self.aliases = aliases(emoji)
        self.names = {one.name for one in emoji}
        self.simple = [i for i, one in enumerate(emoji) if self._is_simple(one.name)]
        self.colourful = [i for i in self.simple if scenes.colourfulness(store[i]) > 0.35]

    @staticmethod
    def _is_simple(name: str) -> bool:
        words = name.split()
        return len(words) <= 2 and not any(word in words or name.startswith(word) for word in UNCOMPOSED)

    def _noun(self, index: int, article: bool = True) -> str:
        """A name of an emoji, now and then another word for it."""
        name = self.emoji[index].name
        if self.aliases[index] and self.chance.random() < 0.15:
            name = self.chance.choice(self.aliases[index])
        return with_article(name) if article and self.chance.random() < 0.7 else name

    def _introduced(self, phrase: str) -> str:
        return self.chance.choice(INTRODUCTIONS).format(phrase)

    def _on(self, phrase: str, background: str) -> str:
        return self.chance.choice(BACKGROUNDS).format(phrase, background)

    def _finish(self, phrase: str, background: str) -> str:
        """Adds the words for the background; white needs none."""
        if background == "white" and self.chance.random() < 0.9:
            return self._introduced(phrase)
        return self._on(self._introduced(phrase), background)

    def bare(self, index: int) -> Example:
        """One emoji at standard size on white, with many names."""
        one = self.emoji[index]
        name, article = one.name, with_article(one.name)
        captions = [name] * 6 + [article] * 4 + [f"{name} emoji", f"the {name}"]
        captions += [text.format(article) for text in INTRODUCTIONS[3:]]
        captions += [f"{name} on a white background", f"{article} on white"]
        for other in self.aliases[index]:
            captions += [other, with_article(other)]
        if one.keywords:
            captions += [" ".join(self.chance.sample(one.keywords, min(len(one.keywords), 3))) for _ in range(2)]
        return Example(Scene((Placement(index),)), tuple(captions), "bare")

    def on_background(self, index: int, background: str) -> Example:
        """One emoji at standard size on a colour."""
        captions = [self._on(self._introduced(self._noun(index)), background) for _ in range(4)]
        captions += [template.format(self.emoji[index].name, background) for template in BACKGROUNDS[1:4]]
        return Example(Scene((Placement(index),), background), tuple(captions), "background")

    def _background(self) -> str:
        return "white" if self.chance.random() < 0.7 else self.chance.choice(list(scenes.COLOURS))

    def recoloured(self, index: int, hue: str) -> Example | None:
        """One emoji in another colour, or None where the coloured name is another emoji's."""
        words = self.emoji[index].name.split()
        noun = " ".join(words[1:]) if words[0] in scenes.COLOURS and len(words) > 1 else self.emoji[index].name
        if f"{hue} {noun}" in self.names:
            return None
        background = self._background()
        phrases = [f"a {hue} {noun}", f"{hue} {noun}", with_article(f"{hue} {noun}")]
        captions = tuple(self._finish(phrase, background) for phrase in phrases)
        return Example(Scene((Placement(index, hue=hue),), background), captions, "composed")

    def sized(self, index: int, size: str) -> Example:
        """One emoji smaller or larger than usual."""
        background = self._background()
        phrase = f"{size} {self.emoji[index].name}"
        captions = tuple(self._finish(text, background) for text in (f"a {phrase}", phrase))
        return Example(Scene((Placement(index, SIZES[size]),), background), captions, "composed")

    def placed(self, index: int, place: str) -> Example:
        """One small emoji away from the centre."""
        background = self._background()
        short = place.replace("in the ", "").replace(" corner", "").replace("on the ", "").replace("at the ", "")
        captions = tuple(self._finish(f"{self._noun(index)} {words}", background) for words in (place, place, short))
        x, y = PLACES[place]
        return Example(Scene((Placement(index, SIZES["small"], x, y),), background), captions, "composed")

    def counted(self, index: int, count: str) -> Example:
        """Several copies of one emoji."""
        background = self._background()
        digit = str(len(COUNTS[count]))
        many = plural(self.emoji[index].name)
        captions = tuple(self._finish(f"{word} {many}", background) for word in (count, count, digit))
        spots = tuple(Placement(index, PAIR_SIZE, x, y) for x, y in COUNTS[count])
        return Example(Scene(spots, background), captions, "composed")

    def pair(self, first: int, second: int) -> Example:
        """Two emoji, side by side or one above the other."""
        background = self._background()
        a, b = self._noun(first), self._noun(second)
        if self.chance.random() < 0.65:
            spots = ((34, 64), (94, 64))
            texts = (
                f"{a} and {b}",
                f"{a} and {b}",
                f"{a} next to {b}",
                f"{a} to the left of {b}",
                f"{b} to the right of {a}",
                f"{a}, {b}",
            )
        else:
            spots = ((64, 34), (64, 94))
            texts = (f"{a} above {b}", f"{a} over {b}", f"{b} below {a}", f"{b} under {a}", f"{a} on top of {b}")
        captions = tuple(self._finish(text, background) for text in self.chance.sample(texts, 4))
        places = tuple(Placement(i, PAIR_SIZE, x, y) for i, (x, y) in zip((first, second), spots, strict=True))
        return Example(Scene(places, background), captions, "composed")

    def examples(
        self, backgrounds: int, pairs: int, placed: int, sized: int, counted: int, coloured: int
    ) -> list[Example]:
        """All examples of a training run; held-out drawings on colours are left out.

        Args:
            backgrounds: Colours for each emoji, drawn at random.
            pairs: Scenes with two emoji.
            placed: Scenes with one emoji away from the centre.
            sized: Scenes with a smaller or larger emoji.
            counted: Scenes with several copies.
            coloured: Scenes with a recoloured emoji.
        """
        chance, simple = self.chance, self.simple
        result = [self.bare(index) for index in range(len(self.emoji))]
        for index, one in enumerate(self.emoji):
            free = [
                colour for colour in scenes.COLOURS if colour != "white" and not scenes.is_held_out(one.name, colour)
            ]
            result += [self.on_background(index, colour) for colour in chance.sample(free, min(backgrounds, len(free)))]
        result += [self.pair(*chance.sample(simple, 2)) for _ in range(pairs)]
        result += [self.placed(chance.choice(simple), chance.choice(list(PLACES))) for _ in range(placed)]
        result += [self.sized(chance.choice(simple), chance.choice(list(SIZES))) for _ in range(sized)]
        result += [self.counted(chance.choice(simple), chance.choice(list(COUNTS))) for _ in range(counted)]
        recoloured = [
            self.recoloured(chance.choice(self.colourful), chance.choice(list(scenes.HUES))) for _ in range(coloured)
        ]
        return result + [example for example in recoloured if example is not None]
