"""The numbers of a card as the commands print them."""


def summary(card: dict) -> str:
    """The numbers of a card in a line; those that the kind of model does not have are left out."""
    paper = card["calibration_paper"]
    parts = [f"error {card['error']:.2%}"]
    if (cross_entropy := card.get("cross_entropy")) is not None:
        parts.append(f"cross-entropy {cross_entropy:.3f} nats")
    if "bits_per_dim" in card:
        bits = card["bits_per_dim"]
        parts.append(f"bits/dim {bits['mean']:.3f} (median {bits['median']:.3f}, worst {bits['worst']:.2f})")
    parts.append(
        f"calibration of all classes: ECE {paper['ece']:.2%}, MCE {paper['mce']:.2%}, ICE {paper['ice']:.2%}, "
        f"geometric mean {paper['geometric_mean']:.2%}; top-label ECE {card['calibration_top_label']:.2%}"
    )
    if "separation" in card:
        parts.append(f"separation {card['separation']:.2f}")
    if "reconstruction" in card:
        parts.append(f"reconstruction {card['reconstruction']:.1e}")
    return "; ".join(parts + _certainty(card))


def _certainty(card: dict) -> list[str]:
    """What the cards of earlier versions do not hold."""
    if "entropy" not in card:
        return []
    times = "of no prediction" if card["overconfidence"] is None else f"{card['overconfidence']:.2f}"
    return [f"predictive entropy {card['entropy']:.3f} nats", f"overconfidence {times} (above 99.7 %)"]
