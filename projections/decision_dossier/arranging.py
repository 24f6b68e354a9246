"""Puts the facts behind a decision in order; pure, so that a replay arranges as the tables do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from core.applications import events as applications
from core.calls import events as calls
from core.cities import events as cities
from core.cities.events import CityRegistered, ProfileRevised
from core.evaluations import events as evaluations
from core.frameworks import events as frameworks
from core.frameworks.events import FrameworkDrafted
from core.selection import events as selection
from core.selection.events import Input, PanelConvened, RankingComputed, SelectionProposed
from core.vocabulary import ApplicationId, FrameworkRef
from projections.decision_dossier.chain import Chain, event_of, position_of, stages_of
from projections.decision_dossier.dossier import (
    ApplicationFile,
    Asked,
    Dossier,
    Evaluation,
    Evaluator,
)
from projections.decision_dossier.fold import FactRow

Facts = tuple[FactRow, ...]


def arranged(facts: Iterable[FactRow], asked: Asked, chain: Chain) -> Dossier:
    """Return the dossier of an approval from facts, of which later ones are left out."""
    at = chain.approval.position
    shelf = _shelved(asked, (fact for fact in facts if fact.position <= at))
    call = shelf.of(calls.stream(asked.call_id))
    before, framework = stages_of(call, asked.stage)
    of_framework = shelf.framework(framework)
    drafted = (event_of(fact, FrameworkDrafted) for fact in of_framework)
    ranking = event_of(chain.ranking, RankingComputed)
    files = tuple(shelf.files(ranking, event_of(chain.proposal, SelectionProposed), before))
    evaluators = tuple(shelf.evaluators(files, event_of(chain.panel, PanelConvened)))
    inputs = tuple(shelf.inputs(ranking, files, evaluators))
    confirmed = {fact.position for fact in chain.facts if fact}
    return Dossier(
        call_id=asked.call_id,
        stage=asked.stage,
        position=at,
        framework=framework,
        rubric=next((event.rubric for event in drafted if event), None),
        algorithm=ranking.algorithm if ranking else "",
        approval=chain.approval,
        proposal=_without(chain.proposal, "proposals"),
        ranking=_without(chain.ranking, "lines", "inputs"),
        quorum=chain.quorum,
        panel=chain.panel,
        selection=tuple(f for f in shelf.selection(asked.stage) if f.position not in confirmed),
        stages_before=tuple(fact for stage in before for fact in shelf.selection(stage)),
        call=call,
        frameworks=of_framework,
        evaluators=evaluators,
        applications=files,
        inputs=inputs,
        unproven=tuple(shelf.unproven(inputs)),
        afterwards=(),
    )


def _shelved(asked: Asked, facts: Iterable[FactRow]) -> _Shelf:
    found: defaultdict[str, list[FactRow]] = defaultdict(list)
    for fact in sorted(facts, key=position_of):
        found[fact.stream].append(fact)
    return _Shelf(asked, {name: tuple(found[name]) for name in sorted(found)})


def _without(fact: FactRow | None, *names: str) -> FactRow | None:
    """Return a fact without what stands elsewhere in the dossier."""
    if fact is None:
        return None
    return replace(fact, data={n: value for n, value in fact.data.items() if n not in names})


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Facts by stream, in the order of names and of positions."""

    asked: Asked
    streams: Mapping[str, Facts]

    def of(self, stream: str) -> Facts:
        """Return the facts of a stream."""
        return self.streams.get(stream, ())

    def under(self, prefix: str) -> Iterator[str]:
        """Yield what follows the prefix in the name of each stream that begins with it."""
        return (name.removeprefix(prefix) for name in self.streams if name.startswith(prefix))

    def selection(self, stage: str) -> Facts:
        """Return the facts of a stage's selection."""
        return self.of(selection.stream(self.asked.call_id, stage))

    def framework(self, ref: FrameworkRef | None) -> Facts:
        """Return the facts of one version of a framework."""
        own = self.of(frameworks.stream(ref.framework_id)) if ref else ()
        return tuple(fact for fact in own if ref and fact.data["version"] == ref.version)

    def files(
        self,
        ranking: RankingComputed | None,
        proposed: SelectionProposed | None,
        before: tuple[str, ...],
    ) -> Iterator[ApplicationFile]:
        """Yield a file for each application that the stage had to do with.

        The first stage has to do with every application, also with one that it left out.
        """
        lines = {line.scored.application: line for line in (ranking.lines if ranking else ())}
        proposals = {p.application_id: p for p in (proposed.proposals if proposed else ())}
        evaluated = self._evaluations()
        of_call = self.under(applications.streams_of_call(self.asked.call_id))
        every = () if before else (f"{self.asked.call_id}:{city}" for city in of_call)
        names: set[str] = {*lines, *proposals, *evaluated, *every}
        for name in sorted(names):
            application = ApplicationId(name)
            if self.asked.application_id in {None, application}:
                yield ApplicationFile(
                    application,
                    lines.get(application),
                    proposals.get(application),
                    self.of(applications.stream(application)),
                    self._profile(application.partition(":")[2]),
                    tuple(evaluated.get(application, ())),
                    self.of(selection.appeal_stream(application, self.asked.stage)),
                )

    def _evaluations(self) -> Mapping[str, list[Evaluation]]:
        """Return the stage's evaluations by application."""
        prefix = evaluations.evaluations_of_stage(self.asked.call_id, self.asked.stage)
        found: defaultdict[str, list[Evaluation]] = defaultdict(list)
        for name in self.under(prefix):
            city, _, evaluator = name.partition(":")
            facts = self.streams[f"{prefix}{name}"]
            found[f"{self.asked.call_id}:{city}"].append(Evaluation(evaluator, facts))
        return found

    def _profile(self, city: str) -> Facts:
        """Return what says who a city is: its country may decide how it is weighed."""
        kept = {CityRegistered.WIRE, ProfileRevised.WIRE}
        return tuple(fact for fact in self.of(cities.stream(city)) if fact.type in kept)

    def evaluators(
        self, files: Iterable[ApplicationFile], panel: PanelConvened | None
    ) -> Iterator[Evaluator]:
        """Yield who evaluated, or sits on the panel, with what was stated for this call."""
        names = {evaluation.evaluator_id for file in files for evaluation in file.evaluations}
        if panel is not None and self.asked.application_id is None:
            names.update(panel.evaluators)
        for name in sorted(names):
            own = self.of(evaluations.evaluator_stream(name))
            yield Evaluator(name, tuple(fact for fact in own if self._of_call(fact)))

    def _of_call(self, fact: FactRow) -> bool:
        application: str = fact.data.get("application_id") or ""
        call: str = fact.data.get("call_id") or application.partition(":")[0]
        return call == self.asked.call_id

    def inputs(
        self,
        ranking: RankingComputed | None,
        files: Iterable[ApplicationFile],
        evaluators: Iterable[Evaluator],
    ) -> Iterator[Input]:
        """Yield what the ranking read, but for what is about others than are asked for."""
        call_id, stage = self.asked.call_id, self.asked.stage
        single = (
            applications.streams_of_call(call_id),
            evaluations.evaluations_of_stage(call_id, stage),
            cities.stream(""),
            evaluations.evaluator_stream(""),
        )
        shown = {fact.stream for file in files for fact in (*file.facts, *file.city)}
        shown |= {e.facts[0].stream for file in files for e in file.evaluations}
        shown |= {evaluations.evaluator_stream(e.evaluator_id) for e in evaluators}
        for item in ranking.inputs if ranking else ():
            whole = self.asked.application_id is None or not item.stream.startswith(single)
            if whole or item.stream in shown:
                yield item

    def unproven(self, inputs: Iterable[Input]) -> Iterator[Input]:
        """Yield inputs that are not here as the ranking read them."""
        for item in inputs:
            own = self.of(item.stream)
            if (item.version, item.leaf) not in {(fact.version, fact.leaf) for fact in own}:
                yield item
