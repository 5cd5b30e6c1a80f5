import Base
import Formats
import Language
import Recordings
import Session
import Twin
import Workspace

/// Copies of recordings and twins with a known fault.
struct DamageCommand: Command {
  static let signature = Signature(
    "damage", in: "evaluation", "A copy of a recording or twin with a known fault, to see what finds it"
  )
  .effect(.changes)
  .argument("subject", .object(kinds: ["recording", "twin"]), "A recording, or a twin")
  .argument("name", .newName, "Name of the copy", keyword: "as")
  .names("name", kinds: ["recording", "twin"], always: true)
  .flag("cells", .string, "Cids, by commas and ranges (3,8-10); all where it is left out")
  .flag("drift", .float, "Recording: share of the spikes that is lost at its end, none at its beginning")
  .flag("thin", .float, "Recording: share of the spikes that is lost throughout")
  .flag("mask", .float, "Recording: share of the bins that is masked, a second at a time")
  .flag("delay", .int, "Recording: bins by which spikes come later")
  .flag("scramble", "Recording: every trial turned in time, so that nothing follows the stimulus")
  .flag(
    "shift", .float, "Twin: pixels of the feature map by which readouts are moved along either axis, across the middle"
  )
  .flag("width", .float, "Twin: widths of the readouts, in pixels of the feature map")
  .flag("head", .word("head"), "Twin: the head by session or number; its only one by default")
  .flag("seed", .int, default: .int(42), "Seed of what is left to chance")
  .replace()
  .returns(.record)
  .searchTerms("control", "positive control", "simulate", "corrupt", "perturb", "fault", "why", "test")
  .details(
    """
    The files stay as they are: the copy holds its changed counts, masks or readouts in the workspace. One fault a copy; \
    a copy of a copy has both.
    """)

  static let examples = [
    Example("damage sim as drifting --cells 8 --drift 0.9 --replace", "A cell that is lost little by little"),
    Example("damage twin as moved --head Sim_2025-01-17 --cells 8 --shift 2 --replace", "A readout in the wrong place"),
  ]

  private static let ofRecording = ["drift", "thin", "mask", "delay", "scramble"]
  private static let ofTwin = ["shift", "width"]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("subject")
    let newName = try call.string("name")
    try session.checkName(of: call)
    let record = try session.lookup(name, kinds: [.recording, .twin], at: call.span(of: "subject"))
    let isTwin = record.kind == .twin
    let given = (Self.ofRecording + Self.ofTwin).filter(call.isGiven)
    let own = isTwin ? Self.ofTwin : Self.ofRecording
    guard given.count == 1, let fault = given.first, own.contains(fault) else {
      throw Failure(
        .usage, given.count > 1 ? "one fault a copy" : "a fault for the \(record.kind.rawValue) `\(name)` is needed",
        hint: "one of \(own.map { "--\($0)" }.joined(separator: " "))",
        span: given.last.flatMap { call.span(of: $0) } ?? call.span)
    }
    if !isTwin, call.isGiven("head") {
      throw Failure(.usage, "--head is for twins", hint: "leave it out", span: call.span(of: "head"))
    }
    let (payload, note, cells) =
      isTwin
      ? try damagedTwin(name, record, fault, call, session) : try damagedRecording(name, record, fault, call, session)
    session.changes.versions.append(.init(payload, name: newName, parent: record.id, replacing: call.replacing))
    session.changes.inputs.append(.init(role: record.kind.rawValue, version: record.id, detail: "\(name), \(note)"))
    return .record(
      Record([
        ("name", .string(newName)), ("kind", .string(record.kind.rawValue)), ("fault", .string(note)),
        ("cells", .string(cells.idRanges)),
      ]))
  }

  private typealias Damaged = (payload: any Payload, note: String, cells: [CellID])

  // MARK: Recordings

  private func damagedRecording(
    _ name: String, _ record: VersionRecord, _ fault: String, _ call: Call, _ session: Session
  ) throws -> Damaged {
    guard var payload = record.payload as? RecordingPayload else {
      throw Failure(.mismatch, "`\(name)` is no recording", span: call.span(of: "subject"))
    }
    let cells = try chosen(call, among: payload.cids)
    let seed = try seed(call)
    let kind = try kind(of: fault, call, rateHz: payload.rateHz)
    for index in payload.stimuli.indices {
      try session.work.cancellation.check()
      let stimulus = try session.loadStimulus("\(name)/\(payload.stimuli[index].name)").stimulus
      guard !stimulus.isDownsampled else {
        throw Failure(
          .unsupported, "\(stimulus.label) is downsampled by its YAML: faults are made at the file's own rate",
          hint: "open it without the YAML", span: call.span(of: "subject"))
      }
      let arrays = try arrays(of: stimulus, cells, kind, seed: seed)
      payload.stimuli[index].overlay = try session.workspace.objects.putOverlay(
        arrays, over: payload.stimuli[index].overlay)
    }
    let note = text(of: fault, call) + ", cells \(cells.idRanges), seed \(seed)"
    payload.note = [payload.note, note].compactMap(\.self).joined(separator: "; ")
    return (payload, note, cells)
  }

  private func kind(of fault: String, _ call: Call, rateHz: Double) throws -> RecordingFault {
    func share() throws -> Double {
      let value = try call.float(fault)
      guard value > 0, value <= 1 else {
        throw Failure(.usage, "--\(fault) is a share, above 0 and up to 1", span: call.span(of: fault))
      }
      return value
    }
    switch fault {
    case "drift": return .drift(try share())
    case "thin": return .thin(try share())
    case "mask": return .mask(try share(), stretch: rateHz.isFinite ? Int(max(1, min(rateHz, 1e6))) : 1)
    case "delay":
      let bins = try call.int("delay")
      guard (-10_000...10_000).contains(bins), bins != 0 else {
        throw Failure(.usage, "--delay is a number of bins, not 0", span: call.span(of: fault))
      }
      return .delay(bins)
    default: return .scramble
    }
  }

  /// `robs` and `dfs` of the file with the fault in some columns.
  private func arrays(
    of stimulus: Stimulus, _ cells: [CellID], _ fault: RecordingFault, seed: UInt32
  ) throws -> [NamedArray] {
    var counts = try stimulus.source.tensor("robs")
    let (frames, width) = (counts.shape[0], counts.shape[1])
    // Only a mask changes the mask: one that is there takes the place of the filter that a recording without one gets.
    var mask: Tensor?
    if case .mask = fault { mask = try self.mask(of: stimulus, frames: frames, width: width) }
    let trials = stimulus.hasTrials ? Self.runs(try stimulus.trialIDs()) : [0..<frames]
    for cid in cells {
      guard let column = stimulus.fileColumn(of: cid) else { continue }
      // Each cell has chance of its own, whichever others are damaged.
      var generator = NumpyGenerator(seed: seed &+ UInt32(truncatingIfNeeded: cid))
      let damaged = fault.applied(
        counts: counts.column(column), mask: mask?.column(column) ?? [Float](repeating: 1, count: frames),
        trials: trials, generator: &generator)
      for frame in 0..<frames {
        counts.values[frame * width + column] = damaged.counts[frame]
        mask?.values[frame * width + column] = damaged.mask[frame]
      }
    }
    return [NamedArray("robs", counts)] + (mask.map { [NamedArray("dfs", $0)] } ?? [])
  }

  /// The file's own mask, a column a cell; where it has none, what counts by the recording's filters.
  private func mask(of stimulus: Stimulus, frames: Int, width: Int) throws -> Tensor {
    guard stimulus.source.info("dfs") != nil else {
      var mask = Tensor(shape: [frames, width], values: [Float](repeating: 1, count: frames * width))
      let filtered = try stimulus.mask()
      for (cell, cid) in stimulus.cids.enumerated() {
        guard let column = stimulus.fileColumn(of: cid) else { continue }
        for frame in 0..<frames {
          mask.values[frame * width + column] = filtered.values[frame * stimulus.cellCount + cell]
        }
      }
      return mask
    }
    let own = try stimulus.source.tensor("dfs")
    if own.shape == [frames, width] { return own }
    guard own.count == frames else {
      throw Failure(.mismatch, "\(stimulus.label): `dfs` has shape \(own.shape) for \(frames) frames")
    }
    return Tensor(shape: [frames, width], values: own.values.flatMap { [Float](repeating: $0, count: width) })
  }

  private static func runs(_ trials: [Int]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for frame in trials.indices.dropFirst() where trials[frame] != trials[frame - 1] {
      runs.append(start..<frame)
      start = frame
    }
    if start < trials.count { runs.append(start..<trials.count) }
    return runs
  }

  // MARK: Twins

  private func damagedTwin(
    _ name: String, _ record: VersionRecord, _ fault: String, _ call: Call, _ session: Session
  ) throws -> Damaged {
    let twin = try session.loadTwin(name, record: record)
    let head = try twin.head(session: nil, named: call.optionalString("head"))
    let count = twin.architecture.heads[head].cellCount
    let cids = (twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].cids : nil) ?? Array(0..<count)
    let cells = try chosen(call, among: cids)
    let tensor = GaussianReadout.name(fault == "shift" ? .mean : .std, head: head)
    guard twin.source.info(tensor) != nil else {
      throw Failure(.unsupported, "head \(head) of `\(name)` has no Gaussian readout", span: call.span(of: "subject"))
    }
    var values = try twin.source.tensor(tensor)
    let amount = Float(try call.float(fault))
    guard amount.isFinite, amount > 0, values.count == 2 * count else {
      throw Failure(.usage, "--\(fault) is a number of pixels above 0", span: call.span(of: fault))
    }
    for cid in cells {
      guard let cell = cids.firstIndex(of: cid) else { continue }
      for axis in 0..<2 {
        let value = values.values[2 * cell + axis]
        values.values[2 * cell + axis] = fault == "width" ? amount : value + (value > 0 ? -amount : amount)
      }
    }
    var payload = twin.payload
    payload.overlay = try session.workspace.objects.putOverlay(
      [NamedArray(tensor, values)], over: twin.payload.overlay)
    let note = text(of: fault, call) + " on head \(head), cells \(cells.idRanges)"
    payload.note = [payload.note, note].compactMap(\.self).joined(separator: "; ")
    return (payload, note, cells)
  }

  // MARK: Arguments

  private func text(of fault: String, _ call: Call) -> String {
    call.value(fault).map { $0 == .bool(true) ? fault : "\(fault) \($0.plainText)" } ?? fault
  }

  private func seed(_ call: Call) throws -> UInt32 {
    guard let seed = UInt32(exactly: try call.int("seed")) else {
      throw Failure(.usage, "--seed must be between 0 and \(UInt32.max)", span: call.span(of: "seed"))
    }
    return seed
  }

  private func chosen(_ call: Call, among cids: [CellID]) throws -> [CellID] {
    guard let text = try call.optionalString("cells") else { return cids }
    var chosen: Set<CellID> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0.trimmingPrefix(" ")) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
        throw Failure(.usage, "`\(part)` is no cid", hint: "for example 3,8-10", span: call.span(of: "cells"))
      }
      let found = cids.filter { first...last ~= $0 }
      guard !found.isEmpty else {
        throw Failure(
          .missing, "no cell \(part)", hint: "the cids are \(cids.idRanges)", span: call.span(of: "cells"))
      }
      chosen.formUnion(found)
    }
    return cids.filter(chosen.contains)
  }
}
