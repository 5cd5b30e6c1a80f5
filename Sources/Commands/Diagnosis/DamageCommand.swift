import Analysis
import Base
import Language
import Recordings
import Session
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
  .flag("cells", .string, "Damage these cells: cids with commas and ranges (3,8-10); default all")
  .flag("drift", .float, "Recording: remove this share of the spikes at its end, and none at its beginning")
  .flag("thin", .float, "Recording: remove this share of the spikes throughout")
  .flag("mask", .float, "Recording: mask this share of the bins, in stretches of a second")
  .flag("delay", .int, "Recording: shift the spikes later by this many bins")
  .flag("scramble", "Recording: circularly shift each trial, so that spikes no longer follow the stimulus")
  .flag(
    "shift", .float, "Twin: move readouts by this many pixels of the feature map along both axes, across the middle"
  )
  .flag("width", .float, "Twin: set the widths of the readouts, in pixels of the feature map")
  .flag("head", .word("head"), "Twin: damage this head, by session or number; needed if the twin has several")
  .flag("seed", .int, default: .int(42), "Seed of the random numbers")
  .replace()
  .returns(.record)
  .searchTerms("control", "positive control", "simulate", "corrupt", "perturb", "fault", "why", "test")
  .details(
    """
    Your files are untouched: the copy keeps its changed counts, masks or readouts in the workspace. Each copy gets one \
    fault. Damage a copy again to combine faults.
    """)

  static let examples = [
    Example("damage sim as drifting --cells 8 --drift 0.9 --replace", "A cell whose spikes are lost little by little"),
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
      throw Failure(.mismatch, "`\(name)` is not a recording", span: call.span(of: "subject"))
    }
    let cells = try chosen(call, among: payload.cids)
    let seed = try call.seed()
    let kind = try kind(of: fault, call, rateHz: payload.rateHz)
    for index in payload.stimuli.indices {
      try session.work.cancellation.check()
      let stimulus = try session.loadStimulus("\(name)/\(payload.stimuli[index].name)").stimulus
      guard !stimulus.isDownsampled else {
        throw Failure(
          .unsupported, "\(stimulus.label) is downsampled by its YAML: faults are made at the file's own rate",
          hint: "open it without the YAML", span: call.span(of: "subject"))
      }
      payload.stimuli[index].overlay = try session.workspace.objects.putOverlay(
        kind.arrays(of: stimulus, cells: cells, seed: seed), over: payload.stimuli[index].overlay)
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

  // MARK: Twins

  private func damagedTwin(
    _ name: String, _ record: VersionRecord, _ fault: String, _ call: Call, _ session: Session
  ) throws -> Damaged {
    let twin = try session.loadTwin(name, record: record)
    let head = try twin.head(session: nil, named: call.optionalString("head"))
    let count = twin.architecture.heads[head].cellCount
    let cids = (twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].cids : nil) ?? Array(0..<count)
    let cells = try chosen(call, among: cids)
    let amount = Float(try call.float(fault))
    let kind: ReadoutFault = fault == "shift" ? .shift(amount) : .width(amount)
    guard kind.applies(to: twin.source, head: head) else {
      throw Failure(.unsupported, "head \(head) of `\(name)` has no Gaussian readout", span: call.span(of: "subject"))
    }
    guard amount.isFinite, amount > 0 else {
      throw Failure(.usage, "--\(fault) is a number of pixels above 0", span: call.span(of: fault))
    }
    let array = try kind.array(
      from: twin.source, head: head, cells: cells.compactMap { cids.firstIndex(of: $0) }, of: count)
    var payload = twin.payload
    payload.overlay = try session.workspace.objects.putOverlay([array], over: twin.payload.overlay)
    let note = text(of: fault, call) + " on head \(head), cells \(cells.idRanges)"
    payload.note = [payload.note, note].compactMap(\.self).joined(separator: "; ")
    return (payload, note, cells)
  }

  // MARK: Arguments

  private func text(of fault: String, _ call: Call) -> String {
    call.value(fault).map { $0 == .bool(true) ? fault : "\(fault) \($0.plainText)" } ?? fault
  }

  private func chosen(_ call: Call, among cids: [CellID]) throws -> [CellID] {
    guard let text = try call.optionalString("cells") else { return cids }
    var chosen: Set<CellID> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0.trimmingPrefix(" ")) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
        throw Failure(
          .usage, "`\(part)` is not a cid or a range of cids", hint: "for example 3,8-10", span: call.span(of: "cells"))
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
