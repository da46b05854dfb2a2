"""The few lines of Python that make from the library what a part of the page Trade-off shows, to be pasted."""

from collections.abc import Sequence

from app.images.same_in_python import checkpoint_line, program
from ibinn_core.checkpoint import Checkpoint

_TABLE_IMPORTS = ("json", "pathlib")


def curve_program(data_set: str, has_curve: bool) -> str:
    """Makes ``errors`` and ``bits`` of the models by their ids, and ``curve``, the measured mixtures between them.

    Arguments:
        data_set: name of it.
        has_curve: whether the mixtures are measured.
    """
    lines = [
        _models(data_set),
        'errors = {c.id: c.card["error"] for c in models}',
        'bits = {c.id: c.card["bits_per_dim"]["mean"] for c in models if c.has_likelihood}',
    ]
    places = [
        f'places = ib.family("{data_set}").curve',
        "curve = np.array([(place.gamma, place.bits_per_dim, place.error) for place in places])",
    ]
    return program(*lines, *(places if has_curve else []))


def measures_program(data_set: str, keys: Sequence[str], has_table: bool) -> str:
    """Makes ``values``: of each measure the models' numbers, by their ids; ``None`` where there is none.

    Arguments:
        data_set: name of it.
        keys: of the measures.
        has_table: whether Table 1 is there; without it the numbers are those of the models' cards.
    """
    if has_table:
        return program(
            "table = " + _json("table1.json"),
            'rows = {row["id"]: row["cells"] for row in table["rows"] if row["id"]}',
            f'values = {{key: {{id: cells[key]["ours"] for id, cells in rows.items()}} for key in {list(keys)}}}',
            imports=_TABLE_IMPORTS,
        )
    return program(
        _models(data_set),
        f"columns = [ib.evaluation.table1.columns.BY_KEY[key] for key in {list(keys)}]",
        "values = {column.key: {c.id: column.of_card(c.card) for c in models} for column in columns}",
        imports=("ibinn_core.evaluation.table1.columns",),
    )


def calibration_program(pair: Sequence[Checkpoint], is_top_label: bool) -> str:
    """Makes ``left`` and ``right``, the bins of two models' reliability diagrams."""
    function = "top_label_reliability" if is_top_label else "reliability"
    lines = []
    for name, checkpoint in zip(("left", "right"), pair, strict=True):
        call = f'ib.evaluation.{function}(checkpoint.latent["posterior"], checkpoint.latent["labels"])'
        lines += [checkpoint_line(checkpoint), f"{name} = {call}  # .expected, .observed, .count"]
    return program(*lines)


def detection_program(models: Sequence[Checkpoint], sets: Sequence[str], points: int, has_table: bool) -> str | None:
    """Makes ``grid``, the false positive rates, and ``curves``: the true positive rates by model and set.

    Arguments:
        models: those with a likelihood, of one data set.
        sets: names of the sets of outliers.
        points: of each curve.
        has_table: whether the curves of Table 1 are shown, and not some of the embedded images.

    Returns:
        the program; ``None`` if there is no such model, or no embedded images.
    """
    if not models or not (has_table or models[0].dataset.has_embedded):
        return None
    ids = [checkpoint.id for checkpoint in models]
    if has_table:
        return program(
            "written = " + _json("curves.json"),
            'grid = np.array(written["false_alarms"])',
            f'curves = {{(id, name): written["models"][id][name] for id in {ids} for name in {list(sets)}}}',
            imports=_TABLE_IMPORTS,
        )
    return program(
        f'images = ib.data.embedded("{models[0].dataset.name}")[0]',
        f"grid, curves = np.linspace(0, 1, {points}), {{}}",
        f"for checkpoint in [c for c in ib.checkpoints() if c.id in {ids}]:",
        "    model, latent = ib.load(checkpoint.id), checkpoint.latent",
        f"    for name in {list(sets)}:",
        "        outliers = ib.evaluation.score_images(model, ib.data.ood.load(name, images)).log_prob",
        '        values = latent["log_prob"], outliers, latent["reference"]',
        "        curves[checkpoint.id, name] = ib.evaluation.detection_curve(*values, len(grid))",
        imports=("ibinn_core.data.ood",),
    )


def _models(data_set: str) -> str:
    return f'models = [c for c in ib.checkpoints() if c.dataset.name == "{data_set}"]'


def _json(file: str) -> str:
    """Reads a file of Table 1 from the folder of the repository."""
    return f'json.loads(pathlib.Path("docs/{file}").read_text())  # written by `python -m ibinn_core table`'
