import Base
import Language
import Metrics
import Recordings
import Session
import Workspace

/// Ranks what could explain why a cell is fitted badly.
struct WhyCommand: Command {
  static let signature = Signature(
    "why", in: "evaluation", "Why a cell is fitted badly: causes ranked, with evidence and what mending would bring"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("cid", .cell, "The cell's id; without it a row for every cell with its first cause", optional: true)
  .argument(
    "stimulus", .stimulus, "The recording's stimulus, or the recording: then what the twin was trained on of it",
    keyword: "on"
  )
  .tableName()
  .flag("quick", "Leave out what needs the core's features: the refitted readout")
  .head()
  .behavior()
  .replace()
  .returns(.table([]))
  .searchTerms(
    "diagnose", "diagnosis", "bad fit", "poor", "explain", "cause", "drift", "silent", "non-visual", "wrong", "starved"
  )
  .details(
    """
    For one cell a row a cause, the likeliest first: cause, found, strength, brings, evidence, remedy. Strength is the \
    evidence over what it takes to call a cause found (1); null where it can't be told. `brings` is in bits/spike: \
    the score with that remedy, gain and offset included, less that of the rates as predicted; null where the cause is not found. Whether drift, gain and latency are found is judged \
    over all trials, the training ones too. Every remedy is fitted on other trials than those it is applied to: gain and offset on the other half of the trials, a slow gain on a trial's neighbours, a shift in time \
    with its own gain and offset, a readout of this cell alone on the training trials (l2 0.003).

    few spikes: fewer than 50 held out. masked bins: a third of them. not visual: repeats agree no better than trials turned \
    in time, and held-out counts follow no prediction that was tried better than counts turned in time (p > 0.01, 499 \
    turns each). noise ceiling: cc_max \
    below 0.5. drifting rate: a gain that follows beats shuffled trials (p <= 0.01) and brings 0.03 bits/spike. The rates' other causes must bring 0.03 bits/spike and 3 standard errors; the readout's 0.03 beyond gain and offset \
    and 2 standard errors. A readout whose refit lies more than its own width away is in the wrong place; else its weights \
    are. starved in the loss: less than half an even share of the gradient on the core, where the twin was trained on \
    the stimulus. Repeats are taken from whichever stimulus of the recording has them.

    Without a cid: cid, rate_hz, bits_per_spike, r, cause, strength, brings, evidence; cause is null where none is found.
    """)

  static let examples = [
    Example("why twin 3 on sim/gaborium", "One cell: every cause, the likeliest first"),
    Example(
      "why twin on sim/fixrsvp --quick | group cause | summarize count() mean(bits_per_spike)",
      "What ails the population"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    let source = try session.diagnosedStimulus(call, of: twin)
    let cid = try call.optionalInt("cid")
    let position = try cid.map {
      try source.stimulus.cids.place(of: $0, in: source.label, at: call.span(of: "cid"))
    }
    let cells = try DiagnosedCells(
      twin, on: source, head: call.optionalString("head"), cells: position.map { [$0] }, isQuick: call.isSet("quick"),
      session: session)
    let diagnoses = try diagnoses(of: cells, session)
    var table = cid == nil ? Self.overview(diagnoses) : Self.causes(diagnoses.first?.causes ?? [])
    if cid == nil {
      table.note = "\(twin.name) on \(source.label), scored on held-out trials"
    } else if let diagnosis = diagnoses.first {
      let score =
        diagnosis.scores.bitsPerSpike.value.map { "\(NumberText.rounded($0, decimals: 3)) bits/spike" } ?? "no score"
      table.note = "cell \(diagnosis.cid) of \(source.session): \(twin.name) on \(source.label), \(score) held out"
    }
    try session.keep(table, for: call, parent: twin.record.id)
    return .table(table)
  }

  private func diagnoses(of cells: DiagnosedCells, _ session: Session) throws -> [Answer] {
    let progress = session.work.progress
    progress?.begin("causes", total: cells.cells.count, unit: "cells")
    defer { progress?.end() }
    let work = Work(cancellation: session.work.cancellation)
    return try cells.cells.indices.map { place in
      try work.cancellation.check()
      defer { progress?.advance(to: place + 1) }
      let diagnosis = try Diagnosis(cells, place: place, work: work)
      return Answer(cid: diagnosis.cid, scores: diagnosis.scores, causes: diagnosis.causes)
    }
  }

  /// What is kept of a cell's diagnosis.
  private struct Answer {
    var cid: CellID
    var scores: CellScores
    var causes: [Cause]
  }

  private static func causes(_ causes: [Cause]) -> Table {
    Table([
      Column("cause", causes.map { Optional($0.kind.rawValue) }), Column("found", causes.map { Optional($0.isFound) }),
      Column("strength", causes.map(\.strength)), Column("brings", causes.map(\.brings), unit: BitsPerSpike.unit),
      Column("evidence", causes.map { Optional($0.evidence) }),
      Column("remedy", causes.map { $0.isFound ? $0.kind.remedy : nil }),
    ])
  }

  private static func overview(_ diagnoses: [Answer]) -> Table {
    let firsts = diagnoses.map { $0.causes.first { $0.isFound } }
    return Table([
      Column("cid", diagnoses.map { Optional($0.cid) }),
      Column("rate_hz", diagnoses.map(\.scores.rateHz.value), unit: "Hz"),
      Column("bits_per_spike", diagnoses.map(\.scores.bitsPerSpike.value), unit: BitsPerSpike.unit),
      Column("r", diagnoses.map(\.scores.r.value)), Column("cause", firsts.map { $0?.kind.rawValue }),
      Column("strength", firsts.map { $0?.strength }),
      Column("brings", firsts.map { $0?.brings }, unit: BitsPerSpike.unit),
      Column("evidence", firsts.map { $0?.evidence }),
    ])
  }
}

extension WhyCommand: AsksFrames {
  static let splits: [Split] = [.all]
}

extension Session {
  /// `REC/STIM`, or of a whole recording the stimulus that the twin was trained on.
  func diagnosedStimulus(_ call: Call, of twin: LoadedTwin) throws -> LoadedStimulus {
    let text = try call.string("stimulus")
    let span = call.span(of: "stimulus")
    guard !text.contains("/"), let payload = try workspace.lookup(text)?.payload as? RecordingPayload else {
      return try loadStimulus(text, at: span).shown(to: twin, by: call)
    }
    let names = payload.stimuli.map(\.name)
    let trained = try trainedStimuli(of: twin.payload) ?? []
    let candidates = names.count == 1 ? names : names.filter(trained.contains)
    guard candidates.count == 1, let name = candidates.first else {
      throw Failure(
        .usage, "`\(text)` has the stimuli \(names.joined(separator: ", ")): say which",
        hint: names.first.map { "\(call.signature.name) … on \(text)/\($0)" }, span: span)
    }
    return try loadStimulus("\(text)/\(name)", at: span).shown(to: twin, by: call)
  }
}
