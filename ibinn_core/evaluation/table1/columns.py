"""The columns of Table 1: what is measured of every model, in which unit, and which values are better."""

from typing import NamedTuple


class Column(NamedTuple):
    """One measure: its key, its heading, its unit (``"%"``, ``"nats"``, ...), and which values are better."""

    key: str
    title: str
    unit: str
    better: str


SET_TITLES = {
    "average": "Average",
    "rgb-rotation": "RGB-rot",
    "drawings": "Draw",
    "noise": "Noise",
    "imagenet": "ImgNet",
    "gaussian-noise": "Gauss. noise",
    "cifar100": "CIFAR-100",
}
QUALITY = (
    Column("error", "Classif. err.", "%", "lower"),
    Column("bits_per_dim", "Bits/dim", "bits/dim", "lower"),
    Column("calibration.geometric_mean", "Calib. geo. mean", "%", "lower"),
    Column("calibration.ece", "ECE", "%", "lower"),
    Column("calibration.mce", "MCE", "%", "lower"),
    Column("calibration.ice", "ICE", "%", "lower"),
    Column("calibration.top_label", "Top-label ECE", "%", "lower"),
    Column("overconfidence", "Overconfidence", "times", "lower"),
)
ENTROPY = tuple(Column(f"entropy.{name}", title, "nats", "higher") for name, title in SET_TITLES.items())
DETECTION = tuple(Column(f"detection.{name}", title, "%", "higher") for name, title in SET_TITLES.items())
COLUMNS = QUALITY + ENTROPY + DETECTION
