import Base
import Formats
import Metrics
import Session
import Twin
import Workspace

/// The frontend's kernels and how they are spread over time.
struct TemporalKernels: TemporalProfiles {
  /// Series that a figure shows.
  private static let shown = 8

  let twin: String
  let kernels: [TemporalKernel]
  let profiles: [TimeProfile]
  /// Who says how long a tap is, where the twin's configuration does not.
  private let rateOrigin: String?

  /// - Throws: `undefined` for a twin whose frontend has no filter over time.
  init(_ twin: LoadedTwin, session: Session) throws {
    self.twin = twin.name
    guard let head = twin.architecture.heads.first(where: { twin.architecture.buildFailure(head: $0.index) == nil })
    else { throw Failure(.missing, "`\(twin.name)` has no head that fits its configuration") }
    kernels = try twin.network(head: head.index).frontendKernels(from: twin.source)
    guard !kernels.isEmpty else {
      throw Failure(
        .undefined, "`\(twin.name)` has no frontend: nothing filters over time before its network",
        hint: twin.architecture.readsStimulus
          ? "`temporal \(twin.name) on REC/STIM` measures the whole path" : "it reads no stimulus at all")
    }
    let recorded = twin.architecture.samplingRate == nil ? try Self.recordedRate(of: twin, session: session) : nil
    let rate = twin.architecture.samplingRate ?? recorded?.rateHz
    rateOrigin = recorded?.label
    profiles = kernels.map { kernel in
      TimeProfile(lags: kernel.lags, rateHz: rate, rows: kernel.weights.count) { Double(kernel.weights[$0][$1]) }
    }
  }

  /// The rate of an open recording of one of the twin's sessions.
  private static func recordedRate(of twin: LoadedTwin, session: Session) throws -> (label: String, rateHz: Double)? {
    let sessions = twin.payload.heads.map(\.session)
    for item in try session.workspace.names(kinds: [.recording]) {
      guard let payload = item.version.payload as? RecordingPayload, sessions.contains(payload.session),
        let first = payload.stimuli.first, let loaded = try? session.loadStimulus("\(item.name)/\(first.name)"),
        loaded.stimulus.rateHz.isFinite
      else { continue }
      return (loaded.label, loaded.stimulus.rateHz)
    }
    return nil
  }

  var table: Table {
    Table(
      [
        Column("kernel", kernels.map { Optional($0.name) }), Column("weight_lag0", profiles.map(\.weightAtLag0)),
        Column("peak_ms", profiles.map(\.peakMs), unit: "ms"), Column("mean_ms", profiles.map(\.meanMs), unit: "ms"),
      ] + TimeProfile.spectralColumns(profiles) + [
        Column("zero_taps", kernels.map { Optional($0.zeroTaps.count) }),
        Column("remark", zip(kernels, profiles).map(remark)),
      ])
  }

  /// What should be known of all kernels together, in sentences.
  var findings: [String] {
    let lag0 = kernels.indices.count { place in
      profiles[place].peakPlace.map { profiles[place].lags[$0] == 0 } == true && kernels[place].lags.count > 1
    }
    let held = kernels.count { !$0.heldTaps.isEmpty || $0.fixed != nil }
    func count(_ count: Int) -> String {
      count == 0 ? "No kernel" : count == kernels.count ? "Every kernel" : "\(count) of \(kernels.count) kernels"
    }
    let verb = { (count: Int) in count > 1 && count < kernels.count ? ("sit", "have") : ("sits", "has") }
    return [
      "\(count(lag0)) \(verb(lag0).0) on lag 0; \(count(held).lowercased()) \(verb(held).1) taps that can't move in training."
    ]
  }

  /// What should be known of one kernel: whether it sits on lag 0, and what of it can't move.
  private func remark(_ kernel: TemporalKernel, _ profile: TimeProfile) -> String? {
    var parts: [String] = []
    if let reason = profile.reason { parts.append(reason.rawValue) }
    if kernel.lags.count == 1 {
      parts.append("one tap: no filter over time")
    } else if let place = profile.peakPlace, profile.lags[place] == 0 {
      parts.append("sits on lag 0")
    }
    if let reason = kernel.heldReason { parts.append("\(Self.taps(kernel.heldTaps)) can't move: \(reason)") }
    let zeros = kernel.zeroTaps.filter { !kernel.heldTaps.contains($0) }
    if !zeros.isEmpty, profile.reason == nil {
      parts.append("\(Self.taps(zeros)) \(zeros.count == 1 ? "is" : "are") 0")
    }
    if let fixed = kernel.fixed { parts.append(fixed) }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// `tap 3`, `taps 0 and 11`, `taps 0, 1 and 11`; of many only how many.
  private static func taps(_ taps: [Int]) -> String {
    guard let last = taps.last, taps.count > 1 else { return "tap \(taps.first ?? 0)" }
    guard taps.count <= 6 else { return "\(taps.count) taps" }
    return "taps \(taps.dropLast().map(String.init).joined(separator: ", ")) and \(last)"
  }

  var lagTable: Table {
    let rows = kernels.indices.flatMap { kernel in kernels[kernel].lags.indices.map { (kernel: kernel, tap: $0) } }
    return Table([
      Column("kernel", rows.map { Optional(kernels[$0.kernel].name) }),
      Column("tap", rows.map { Optional($0.tap) }),
      Column(
        "ms", rows.map { row in profiles[row.kernel].lagMs.map { Double(kernels[row.kernel].lags[row.tap]) * $0 } },
        unit: "ms"),
      Column("weight", rows.map { Optional(weight($0.kernel, $0.tap)) }),
      Column("share", rows.map { row in profiles[row.kernel].shares.map { $0[row.tap] } }),
    ])
  }

  /// Of a kernel that spans pixels, their sum.
  private func weight(_ kernel: Int, _ tap: Int) -> Double {
    kernels[kernel].weights.reduce(0) { $0 + Double($1[tap]) }
  }

  var frequencyTable: Table {
    TimeProfile.frequencyTable(profiles) { owners in
      Column("kernel", owners.map { Optional(kernels[$0].name) })
    }
  }

  var note: String {
    let count = kernels.count == 1 ? "1 kernel" : "\(kernels.count) kernels"
    let place =
      switch kernels[0].side {
      case .older:
        "tap j of output step t reads lag t + j, so a tap is no lag; the readout takes the last step, which looks furthest back"
      case .newer:
        "tap j of output step t reads lag t - j, newer frames than its step (index 0 is the newest), beyond them padding"
      case .both: "taps lie on both sides of their output step"
      }
    var text = "frontend of \(twin), \(count) of \(kernels[0].lags.count) taps; \(place)"
    if let rateOrigin { text += "; the rate is that of \(rateOrigin)" }
    if profiles[0].lagMs == nil {
      text += "; neither its configuration nor an open recording of its sessions tells the rate: ms and Hz are unknown"
    }
    return text
  }

  var arrays: [NamedArray] {
    let taps = kernels[0].lags.count
    let plane = kernels[0].plane
    // From [pixel][tap] to tap, height, width.
    let weights = kernels.flatMap { kernel in
      (0..<taps).flatMap { tap in kernel.weights.map { $0[tap] } }
    }
    let shape = [kernels.count, taps] + (plane == [1, 1] ? [] : plane)
    let lags = NamedArray("tap_lags", shape: [taps], values: .int64(kernels[0].lags))
    return [NamedArray("kernels", shape: shape, values: .float32(weights)), lags] + TimeProfile.spectra(profiles)
  }

  var figures: [Figure] {
    let shown = kernels.indices.prefix(Self.shown)
    let ms = profiles[0].lagMs
    var weights = Figure(
      "kernels of the frontend of \(twin)", xLabel: ms == nil ? "taps" : "ms", yLabel: "weight",
      series: shown.map { index in
        let kernel = kernels[index]
        return .init(
          kernel.name, x: kernel.lags.map { Double($0) * (ms ?? 1) },
          y: kernel.lags.indices.map { weight(index, $0) })
      })
    if shown.count < kernels.count { weights.note = "\(shown.count) of \(kernels.count) kernels shown" }
    let spectra = shown.compactMap { index in
      profiles[index].spectrum.map { Figure.Series(kernels[index].name, x: $0.hz, y: $0.power) }
    }
    guard !spectra.isEmpty else { return [weights] }
    return [weights, Figure("power spectra", xLabel: "Hz", yLabel: "power", series: spectra)]
  }
}
