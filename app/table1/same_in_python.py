"""The few lines of Python that make from the library what a part of the page Trade-off shows, to be pasted."""

from collections.abc import Sequence
from pathlib import Path

from app.images.program_lines import checkpoint_line, program
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.table1.paper import Table

ROOT = Path(__file__).resolve().parents[2]
_TABLE_IMPORTS = ("json", "pathlib")


def curve_program(data_set: str, has_curve: bool) -> str:
    """Makes ``errors`` and ``bits`` of the models by their ids, and ``curve``, the family's measured places, if any."""
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


def measures_program(data_set: str, keys: Sequence[str], folder: Path | None, printed: Table | None = None) -> str:
    """Makes ``values``: of each measure the models' numbers, by their ids; NaN where there is none.

    Without a folder of results, cards alone have numbers.
    """
    rows = ["rows = {}  # no results of `python -m ibinn_core table`"]
    if folder and printed:
        rows = ["table = " + _json(folder, printed, 1), 'rows = {row["id"]: row for row in table["rows"]}']
    return program(
        *rows,
        _models(data_set),
        "numbers = {c.id: ib.evaluation.table1.columns.numbers_of(c, rows.get(c.id)) for c in models}",
        f"values = {{key: {{id: of[key] for id, of in numbers.items()}} for key in {list(keys)}}}",
        imports=(*(_TABLE_IMPORTS if folder else ()), "ibinn_core.evaluation.table1.columns"),
    )


def calibration_program(pair: Sequence[Checkpoint], is_top_label: bool) -> str:
    """Makes ``left`` and ``right``, the bins of two models' reliability diagrams."""
    function = "top_label_reliability" if is_top_label else "reliability"
    lines = []
    for name, checkpoint in zip(("left", "right"), pair, strict=True):
        call = f'ib.evaluation.{function}(checkpoint.latent["posterior"], checkpoint.latent["labels"])'
        lines += [checkpoint_line(checkpoint), f"{name} = {call}  # .expected, .observed, .count"]
    return program(*lines)


def disagreement_program(pair: Sequence[Checkpoint]) -> str:
    """Makes ``found``: what two models answer on the test images that both were measured on."""
    return program(
        *(checkpoint_line(one).replace("checkpoint", name, 1) for name, one in zip("pq", pair, strict=True)),
        'first = np.flatnonzero(np.isin(p.latent["hashes"], q.latent["hashes"]))  # rows of the images of both',
        'order = np.argsort(q.latent["hashes"])',
        'second = order[np.searchsorted(q.latent["hashes"][order], p.latent["hashes"][first])]',
        'posteriors = p.latent["posterior"][first], q.latent["posterior"][second]',
        'found = ib.evaluation.disagreement(*posteriors, p.latent["labels"][first])  # .answers, .right, .divergence',
    )


def detection_program(
    models: Sequence[Checkpoint], sets: Sequence[str], points: int, folder: Path | None, printed: Table | None = None
) -> str | None:
    """Makes ``grid``, the false positive rates, and ``curves``: the true positive rates by model and set.

    From a folder of results, else from the embedded images; ``None`` if there are none, or no models.
    """
    if not models or not (folder or models[0].dataset.has_embedded):
        return None
    ids = [checkpoint.id for checkpoint in models]
    if folder and printed:
        return program(
            "written = " + _json(folder, printed, 2),
            'grid = np.array(written["false_alarms"])',
            f'curves = {{(id, name): rates for id in {ids} for name, rates in written["models"][id].items()}}',
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


def table_program(folder: Path, printed: Table) -> str:
    """Makes ``table``, as ``python -m ibinn_core table`` has written it, and ``rows``: the models' cells, by id."""
    return program(
        "table = " + _json(folder, printed, 1),
        'rows = {row["id"]: row["cells"] for row in table["rows"] if row["id"]}',
        imports=_TABLE_IMPORTS,
    )


def _models(data_set: str) -> str:
    return f'models = [c for c in ib.checkpoints() if c.dataset.name == "{data_set}"]'


def _json(folder: Path, printed: Table, number: int) -> str:
    """Reads one of a table's files of results; those of the repository from its folder."""
    path = folder / printed.files[number]
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"json.loads(pathlib.Path({name.as_posix()!r}).read_text())  # written by `{printed.command}`"
