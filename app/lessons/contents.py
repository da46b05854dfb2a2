"""The seven lessons in their order."""

from app.lessons.bayes import Bayes
from app.lessons.calibration import Calibration
from app.lessons.class_nll import ClassNLL
from app.lessons.course import AnyLesson
from app.lessons.gamma import Gamma
from app.lessons.style import Style
from app.lessons.there_and_back import ThereAndBack
from app.lessons.unknown import Unknown

LESSONS: tuple[AnyLesson, ...] = (ThereAndBack(), Bayes(), Gamma(), Calibration(), Unknown(), ClassNLL(), Style())
