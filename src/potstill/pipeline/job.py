"""What is said of a run beside its recipe."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from potstill import registry
from potstill.models.budget import NO_CAP, Budget, BudgetSpec, Tally, spent_before
from potstill.models.endpoints import Sites
from potstill.models.money import Prices
from potstill.recipe import DistilSpec, PluginSpec
from potstill.stages.votes import Models
from potstill.storage.journal import Journal


class Job(NamedTuple):
    """What was said beside the recipe."""

    journal: Path
    """Where answers are kept."""
    limit: int | None = None
    """At most this many rows of each source."""
    allow_code: bool = False
    """Whether plug-ins may be named by file."""
    workers: int | None = None
    """Worker processes; one per core by default."""
    alone: str | None = None
    """The stage that runs alone on a file, where one does."""
    is_rehearsal: bool = False
    """Whether no judge may be asked: each is left out."""
    run: str = ""
    """The run's name in the journal: that of its directory."""
    budget: BudgetSpec = NO_CAP
    """What the run may spend."""
    sites: Sites | None = None
    """The limits of the endpoints, which all stages share; None where none is asked."""
    prices: Mapping[str, Prices] = {}
    """Prices by model, of all that the recipe asks."""

    def plugin(self, kind: str, spec: PluginSpec) -> registry.Plugin:
        """Return the plug-in that `spec` names."""
        return registry.load(kind, spec.use, allow_code=self.allow_code)

    def bound(self, kind: str, spec: PluginSpec) -> registry.Plugin:
        """Return the plug-in that `spec` names, with its options."""
        return registry.bind(self.plugin(kind, spec), spec.options)

    def open_budget(self, journal: Journal) -> Budget:
        """Return what is left to spend, by what the journal says of the run."""
        before = spent_before(journal, self.run) if self.budget != NO_CAP else Tally(self.run)
        return Budget(self.budget, self.prices, before)

    def models(self, spec: DistilSpec, journal: Journal) -> Models:
        """Return whom a judge asks."""
        return Models(spec, journal, self.sites, self.open_budget(journal))
