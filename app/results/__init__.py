"""The measurements of the models here, beside the paper's."""
