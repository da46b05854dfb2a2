"""The measured curve of the family that a person looks at."""

from app.models import registry
from ibinn_core.weight_space import FamilyError, Place


def measured_curve() -> tuple[list[Place], str]:
    """The places of the chosen data set's curve by γ, none if it was not measured; and what is wrong with its file."""
    family = registry.weight_space(registry.all_checkpoints())
    try:
        return family.curve if family else [], ""
    except FamilyError as error:
        return [], str(error)
    except OSError:  # a checkpoint was removed just now
        return [], ""
