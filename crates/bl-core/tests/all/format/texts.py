"""Rows of texts, written from FORMAT.md alone. Reads JSON from a file: {"schema": …, "texts": [[text, …], …]}; prints rows or null."""

import json
import math
import sys
import unicodedata

M = (1 << 64) - 1
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def place(tag, ngram, values):
    h = 0xCBF29CE484222325
    for byte in (tag + ngram).encode():
        h = ((h ^ byte) * 0x100000001B3) & M
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        h = ((h ^ (h >> 33)) * factor) & M
    h ^= h >> 33
    return ((h >> 32) * values) >> 32


def is_separator(c):
    code = ord(c)
    return (
        c in WHITE_SPACE
        or unicodedata.category(c) == "Cc"
        or (code < 0x80 and not c.isalnum())
        or (0xA0 <= code <= 0xBF and c not in "ªµº")
        or 0x2000 <= code <= 0x206F
        or 0x3000 <= code <= 0x303F
    )


def words(text):
    text = unicodedata.normalize("NFC", text)
    return "".join(" " if is_separator(c) else c.lower() for c in text).split(" ")


def row(texts, schema):
    values, (shortest, longest) = schema["values"], schema["characters"]
    counts = [0] * values
    of_texts = [[word for word in words(text) if word] for text in texts]
    for of_text, tags in zip(of_texts, ("wc", "WC")):
        for n in range(1, schema["words"] + 1):
            for i in range(len(of_text) - n + 1):
                counts[place(tags[0], " ".join(of_text[i : i + n]), values)] += 1
        for n in range(max(shortest, 1), longest + 1):
            for word in of_text:
                word = f"<{word}>"
                for i in range(len(word) - n + 1):
                    counts[place(tags[1], word[i : i + n], values)] += 1
    if len(of_texts) == 2:
        for word in of_texts[0]:
            if word in of_texts[1]:
                counts[place("s", word, values)] += 1
    total = sum(counts)
    return [min(255, (math.isqrt(4 * 1024**2 * k // total) + 1) // 2) for k in counts] if total else None


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    print(json.dumps([row(texts, given["schema"]) for texts in given["texts"]]))
