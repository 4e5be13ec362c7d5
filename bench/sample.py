"""What is replayed: real rentals, a part of them, or a seeded stand-in of the same shape."""

import datetime
import itertools
import lzma
import pathlib
import random

HEADER = ("review_date\tuser_id\titem_id\tcategory\tsize\tfit\trating\trented_for\tbody_type\theight_in\tweight_lbs\t"
          "bust_size_num\tbust_size_letter\tage\n")
MAP = ("user_id=user_id,design_id=item_id,occurred_at_ms=review_date,size=size,design.category=category,"
       "profile.body_type=body_type,profile.height=height_in,profile.weight=weight_lbs,profile.bust_band=bust_size_num,"
       "profile.bust_cup=bust_size_letter,profile.age=age,feedback.fit=fit")
ROWS = 192_544
USERS, DESIGNS = 105_508, 5_850
CATEGORIES = ("dress", "gown", "sheath", "shift", "jumpsuit", "top", "maxi", "romper")
BODIES = ("hourglass", "athletic", "pear", "petite", "full bust", "straight & narrow", "apple")


def open_text(path):
    return open_rows(path, "rt")


def open_rows(path, mode="rb"):
    """Lines as bytes, whatever they hold; .xz or plain."""
    return lzma.open(path, mode) if str(path).endswith(".xz") else open(path, mode)


def stand_in(path, rows):
    """Rentals as the real ones are spread, by a fixed seed: most users rent once or twice, few designs often."""
    dice = random.Random(1)
    day = datetime.date(2010, 11, 3)
    with open(path, "w") as out:
        out.write(HEADER)
        for row in range(rows):
            user = int(USERS * dice.random() ** 1.5)
            design = int(DESIGNS * dice.random() ** 2)
            date = day + datetime.timedelta(days=row * 2600 // rows)
            out.write(f"{date}\t{user}\t{100000 + design}\t{CATEGORIES[design % 8]}\t{1 + 2 * dice.randrange(15)}\t"
                      f"{dice.choices(('fit', 'small', 'large'), (74, 13, 13))[0]}\t10\tparty\t{BODIES[user % 7]}\t"
                      f"{60 + user % 13}\t{105 + user % 80}\t{32 + user % 5 * 2}\t{'abcd'[user % 4]}\t{20 + user % 40}\n")
    return path


class Sample:
    """A file to replay, how many rows it has, and what it is in words."""

    def __init__(self, session, data, rows):
        usual = pathlib.Path(__file__).resolve().parent.parent.parent / "shared/data/renttherunway.tsv.xz"
        self.path = pathlib.Path(data) if data else usual
        if not data and not usual.exists():
            self.rows = rows or ROWS
            self.path = stand_in(session.path("rentals.tsv"), self.rows)
            self.words = f"{self.rows:,} rentals of a seeded stand-in"
            return
        with open_text(self.path) as lines:
            if rows:
                self.path = session.path("rentals.tsv")
                self.path.write_text("".join(itertools.islice(lines, rows + 1)))
                lines = open(self.path)
            self.rows = sum(1 for _ in lines) - 1
        self.words = f"{self.rows:,} rentals of {'the start of ' if rows else ''}{pathlib.Path(data or usual).name}"

    def replay_flags(self):
        return [self.path, "--map", MAP, "--set", "kind=rental"]
