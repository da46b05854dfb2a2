"""The few lines of Python that make from the library what a part of the page Trade-off shows, to be pasted."""

from collections.abc import Sequence
from pathlib import Path

from app.images.program_lines import checkpoint_line, program
from app.table1.results import default_folder
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.results.paper import Table

ROOT = Path(__file__).resolve().parents[2]
_TABLE_IMPORTS = ("json", "pathlib")


def curve_program(data_set: str, has_curve: bool) -> str:
    """Makes ``errors`` and ``bits`` of the models by their ids, and ``curve``, the family's measured places, if any."""
    places = [
        f'places = ib.family("{data_set}").curve',
        "curve = np.array([(place.gamma, place.bits_per_dim, place.error) for place in places])",
    ]
    return program(
        _models(data_set),
        'errors = {c.id: c.card["error"] for c in models}',
        'bits = {c.id: c.card["bits_per_dim"]["mean"] for c in models if c.has_likelihood}',
        *(places if has_curve else []),
    )


def measures_program(data_set: str, keys: Sequence[str], printed: Table | None) -> str:
    """Makes ``values``: of each measure the models' numbers, by their ids; from cards alone without a written table."""
    rows = ["table = " + _json(printed, 1), 'rows = {row["id"]: row for row in table["rows"]}'] if printed else []
    return program(
        *(rows or ["rows = {}  # no results of `python -m ibinn_core table`"]),
        _models(data_set),
        "numbers = {c.id: ib.evaluation.results.columns.numbers_of(c, rows.get(c.id)) for c in models}",
        f"values = {{key: {{id: of[key] for id, of in numbers.items()}} for key in {list(keys)}}}",
        imports=(*_TABLE_IMPORTS, "ibinn_core.evaluation.results.columns"),
    )


def calibration_program(pair: Sequence[Checkpoint], is_top_label: bool) -> str:
    """Makes ``left`` and ``right``, the bins of two models' reliability diagrams."""
    function = "top_label_reliability" if is_top_label else "reliability"
    call = f'ib.evaluation.{function}(checkpoint.latent["posterior"], checkpoint.latent["labels"])'
    left, right = map(checkpoint_line, pair)
    return program(left, f"left = {call}  # .expected, .observed, .count", right, f"right = {call}")


def disagreement_program(pair: Sequence[Checkpoint]) -> str:
    """Makes ``found``: what two models answer on the test images that both were measured on."""
    return program(
        *(checkpoint_line(one).replace("checkpoint", name, 1) for name, one in zip("pq", pair, strict=True)),
        '_, first, second = np.intersect1d(p.latent["hashes"], q.latent["hashes"], return_indices=True)',
        'posteriors = p.latent["posterior"][first], q.latent["posterior"][second]',
        'found = ib.evaluation.disagreement(*posteriors, p.latent["labels"][first])  # .answers, .right, .divergence',
    )


def detection_program(
    models: Sequence[Checkpoint], sets: Sequence[str], points: int, printed: Table | None
) -> str | None:
    """Makes ``grid``, the false positive rates, and ``curves``: the true positive rates by model and set.

    From a written table, else from the embedded images; ``None`` if there are none, or no models.
    """
    ids = [checkpoint.id for checkpoint in models]
    if models and printed:
        return program(
            "written = " + _json(printed, 2),
            'grid = np.array(written["false_alarms"])',
            f'curves = {{(id, name): rates for id in {ids} for name, rates in written["models"][id].items()}}',
            imports=_TABLE_IMPORTS,
        )
    if not models or not models[0].dataset.embedded:
        return None
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


def table_program(printed: Table) -> str:
    """Makes ``table``, as ``python -m ibinn_core table`` has written it, and ``rows``: the models' cells, by id."""
    rows = 'rows = {row["id"]: row["cells"] for row in table["rows"] if row["id"]}'
    return program("table = " + _json(printed, 1), rows, imports=_TABLE_IMPORTS)


def _models(data_set: str) -> str:
    return f'models = [c for c in ib.checkpoints() if c.dataset.name == "{data_set}"]'


def _json(printed: Table, number: int) -> str:
    """Reads one of a table's files of results; those of the repository from its folder."""
    path = default_folder() / printed.files[number]
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"json.loads(pathlib.Path({name.as_posix()!r}).read_text())  # written by `{printed.command}`"
