/**
 * The module `rows.py` of an export of a table: rows become inputs in Python as they do in lossnet, without a package. It is kept
 * as one text, as it is written, so that nobody has to find it among what lossnet was built of.
 */
export const ROWS_PY = String.raw`"""Rows of a table as this model takes them, and what it says of them: Python alone, no packages.

    rows = Rows(json.load(open("preprocessing.json", encoding="utf-8")))
    for row in rows.read(open("table.csv", encoding="utf-8-sig").read()):
        inputs = rows.encode(row)

Written by lossnet, which reads tables and encodes rows in the same way: the same numbers, to the last bit.
"""

import math
import re
import struct
from collections import Counter
from itertools import islice
from numbers import Integral, Real

NUMBERS = {
    "point": re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"),
    "comma": re.compile(r"[+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?"),
}
TRUTHS = {"false": 0, "true": 1, "no": 0, "yes": 1, "n": 0, "y": 1, "f": 0, "t": 1, "0": 0, "1": 1}
DELIMITERS = {"tab": "\t", "semicolon": ";", "pipe": "|", "comma": ",", "blank": "blank"}
# What is no part of a field at its ends; str.strip() takes other characters.
BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
SAMPLE_ROWS = 50


class Rows:
    """What preprocessing.json says of the rows of a table."""

    def __init__(self, preprocessing):
        self.columns = preprocessing["inputs"]
        self.target = preprocessing["target"]
        self.probabilities = preprocessing["probabilities"]
        self.decimal = preprocessing.get("decimal", "point")
        self.table = preprocessing["table"]
        self.absent = {"", *self.table["missing_values"]}
        self.fills = self.table["missing"] in ("mean", "median", "constant")

    def read(self, text):
        """The rows of a table, as a list of dicts from names of columns to texts.

        Raises ValueError with every row that has another number of fields than the first.
        """
        text = text[1:] if text.startswith("\ufeff") else text
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        line = 1
        for _ in range(self.table["skip_lines"]):
            text = text.partition("\n")[2]
            line += 1
        names, rows, problems = None, [], []
        for at, fields in _scan(text, self._delimiter(text), line):
            if names is None:
                header = self.table["header"]
                names = [field if header and field else str(i + 1) for i, field in enumerate(fields)]
                if header:
                    continue
            if len(fields) != len(names):
                problems.append(f"line {at}: has {len(fields)} fields, and the table {len(names)} columns")
                continue
            row = {}
            for name, field in zip(names, fields):
                row.setdefault(name, field)  # Of columns with the same name the first counts.
            rows.append(row)
        if problems:
            raise ValueError("; ".join(problems))
        return rows

    def encode(self, row):
        """The inputs of a row: numbers that float32 holds. Texts, numbers and booleans are taken; None, NaN and "" are missing.

        Raises ValueError with all that keeps it from being one.
        """
        numbers, problems = [], []
        for column in self.columns:
            name, kind = column["column"], column["kind"]
            if name not in row:
                problems.append(f'column "{name}" is not there')
                continue
            text = _text(row[name])
            is_absent = text in self.absent
            if is_absent and not self.fills:
                problems.append(
                    f'column "{name}" lacks a value, and training filled in none (dataset.missing: {self.table["missing"]})'
                )
            elif kind == "category":
                value = column["fill"] if is_absent else text
                numbers += [float(value == category) for category in column["categories"]]
            elif kind == "boolean":
                truth = column["fill"] if is_absent else TRUTHS.get(text.lower())
                if truth is None:
                    problems.append(
                        f'column "{name}" has "{text}", and is to be false or true, no or yes, n or y, f or t, 0 or 1'
                    )
                numbers.append(float(truth or 0))
            else:
                value = column["fill"] if is_absent else self._number(row[name], text)
                number = _single((value - column["mean"]) / column["std"])
                if math.isnan(value):
                    problems.append(f'column "{name}" has "{text}", and is to be a number')
                elif not math.isfinite(number):
                    problems.append(f'column "{name}" has {value}, more than float32 can hold')
                numbers.append(number)
        if problems:
            raise ValueError("; ".join(problems))
        return numbers

    def unseen(self, row):
        """Categories that training has not seen, by column: they are 0 in all of its inputs."""
        unseen = {}
        for column in self.columns:
            text = _text(row.get(column["column"]))
            if column["kind"] == "category" and text not in self.absent and text not in column["categories"]:
                unseen[column["column"]] = text
        return unseen

    def answer(self, outputs):
        """What the outputs for one row say: values by name in their own units; or the class, and what each is likely to be.

        A loss that makes no probabilities has None for them. Raises ValueError where the outputs are not finite.
        """
        outputs = [float(output) for output in outputs]
        names = self.target["names"]
        if not all(map(math.isfinite, outputs)):
            raise ValueError("what the model says of it is not a finite number")
        if self.target["kind"] == "value":
            return dict(zip(names, outputs))
        best = outputs.index(max(outputs))
        if self.probabilities is None:
            return {"class": names[best], "probability": None, "probabilities": None}
        logs = outputs if self.probabilities == "softmax" else [min(x, 0) - math.log1p(math.exp(-abs(x))) for x in outputs]
        most = max(logs)
        whole = most + math.log(sum(math.exp(log - most) for log in logs))
        shares = [math.exp(log - whole) for log in logs]
        return {"class": names[best], "probability": shares[best], "probabilities": dict(zip(names, shares))}

    def _number(self, value, text):
        if isinstance(value, Real) and not isinstance(value, bool):
            return float(value)
        return float(text.replace(",", ".")) if NUMBERS[self.decimal].fullmatch(text) else math.nan

    def _delimiter(self, text):
        """What gives every row, or else most of them, the same number of fields, more than one."""
        if self.table["delimiter"] != "auto":
            return DELIMITERS[self.table["delimiter"]]
        shares = {}
        for mark in DELIMITERS.values():
            widths = [len(fields) for _, fields in islice(_scan(text, mark, 1, False), SAMPLE_ROWS)]
            usual, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
            shares[mark] = times / len(widths) if usual > 1 else 0
        blank = shares.pop("blank")
        best = max(shares, key=shares.get)
        if shares[best] > 0.5:
            return best
        return "blank" if blank == 1 else ","


def _text(value):
    """A value as a table has it."""
    if value is None or (isinstance(value, Real) and math.isnan(value)):
        return ""
    if isinstance(value, Real) and not isinstance(value, Integral) and float(value).is_integer():
        return str(int(value))
    return str(value).strip(BLANKS)


def _single(value):
    """The nearest number of float32."""
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def _scan(text, mark, line, is_strict=True):
    """The rows of a text: the line that each begins on, and its fields. Lines with nothing in them are passed over."""
    at, end = 0, len(text)
    plain = re.compile("[^" + re.escape(mark) + "\n]*")
    while at < end:
        first, fields = line, []
        if mark == "blank":
            stop = text.find("\n", at)
            stop = end if stop < 0 else stop
            fields = re.split("[ \t]+", text[at:stop].strip(BLANKS))
            at = stop
        else:
            while True:
                if text.startswith('"', at):
                    field, stop = _quoted(text, at, mark, first, is_strict)
                    line += text.count("\n", at, stop)
                else:
                    stop = plain.match(text, at).end()
                    field = text[at:stop]
                fields.append(field)
                at = stop
                if at >= end or text[at] == "\n":
                    break
                at += 1
        at += 1
        line += 1
        fields = [field.strip(BLANKS) for field in fields]
        if len(fields) > 1 or fields[0] != "":
            yield first, fields


def _quoted(text, start, mark, line, is_strict):
    """A field in quotes, and where it ends: with the next quote that is not written twice; blanks may follow it."""
    end, is_odd, at = len(text), False, start + 1
    while True:
        at = text.find('"', at)
        if at < 0:
            break
        if text.startswith('""', at):
            at += 2
            continue
        stop = at + 1
        while stop < end and text[stop] != mark and text[stop] in " \t":
            stop += 1
        if stop >= end or text[stop] in (mark, "\n"):
            if is_odd and is_strict:
                break
            return text[start + 1 : at].replace('""', '"'), stop
        is_odd = True
        at += 1
    if is_strict:
        what = "is followed by something else than the end of its field" if is_odd else "is never closed"
        raise ValueError(f"line {line}: a quote that begins in this row {what}")
    return text[start + 1 :], end
`;
