import Base
import Formats
import Layers
import Metrics

/// The kernels of a twin's frontend, and how their weights spread over time.
package struct TemporalKernels: TemporalProfiles {
  /// Series that a figure shows.
  private static let shown = 8

  private let twin: String
  private let kernels: [TemporalKernel]
  private let profiles: [TimeProfile]
  /// What says how long a tap lasts, where the twin's configuration does not.
  private let rateOrigin: String?

  /// - Parameters:
  ///   - twin: its name.
  ///   - rateHz: taps a second; nil where unknown.
  ///   - rateOrigin: what has this rate, where the twin's configuration does not say it.
  /// - Precondition: `kernels` is not empty.
  package init(_ kernels: [TemporalKernel], of twin: String, rateHz: Double?, rateOrigin: String?) {
    precondition(!kernels.isEmpty, "\(twin) has no kernel")
    self.twin = twin
    self.kernels = kernels
    self.rateOrigin = rateOrigin
    profiles = kernels.map { kernel in
      TimeProfile(lags: kernel.lags, rateHz: rateHz, rows: kernel.weights.count) { Double(kernel.weights[$0][$1]) }
    }
  }

  package struct Row: Sendable {
    var kernel: TemporalKernel
    var profile: TimeProfile
    var remark: String?
  }

  package static let columns =
    TableShape<Row>([
      .string("kernel", "Name of the kernel") { $0.kernel.name },
      .float("weight_lag0", "Share of the squared weight at lag 0") { $0.profile.weightAtLag0 },
      .float("peak_ms", unit: "ms", "Lag with the largest squared weight") { $0.profile.peakMs },
      .float("mean_ms", unit: "ms", "Mean lag of the squared weight") { $0.profile.meanMs },
    ]) + TimeProfile.spectralColumns.lifted { $0.profile }
    + TableShape([
      .int("zero_taps", "Taps whose weights are 0") { $0.kernel.zeroTaps.count },
      .string("remark", "What to know about the kernel: a peak at lag 0, taps that can't change in training") {
        $0.remark
      },
    ])

  package var table: Table {
    Self.columns.table(zip(kernels, profiles).map { Row(kernel: $0, profile: $1, remark: remark($0, $1)) })
  }

  /// What to know about all kernels together, in sentences.
  package var findings: [String] {
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

  /// What to know about one kernel: whether it peaks at lag 0, and which taps can't change in training.
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

  package struct TapRow: Sendable {
    var kernel: String
    var tap: Int
    var ms: Double?
    var weight: Double
    var share: Double?
  }

  package static let tapColumns = TableShape<TapRow>([
    .string("kernel", "Name of the kernel") { $0.kernel },
    .int("tap", "Position in the kernel, from 0; not a lag") { $0.tap },
    .float("ms", unit: "ms", "From the output step to the frame that the tap reads") { $0.ms },
    .float("weight", "Weight of the tap, summed over pixels") { $0.weight },
    .float("share", "Share of the squared weight") { $0.share },
  ])

  package var lagTable: Table {
    Self.tapColumns.table(
      kernels.indices.flatMap { place in
        let (kernel, profile) = (kernels[place], profiles[place])
        return kernel.lags.indices.map { tap in
          TapRow(
            kernel: kernel.name, tap: tap, ms: profile.lagMs.map { Double(kernel.lags[tap]) * $0 },
            weight: weight(place, tap), share: profile.shares.map { $0[tap] })
        }
      })
  }

  /// Of a kernel that spans pixels, their sum.
  private func weight(_ kernel: Int, _ tap: Int) -> Double {
    kernels[kernel].weights.reduce(0) { $0 + Double($1[tap]) }
  }

  package static let frequencyColumns =
    TableShape<SpectrumRow<String>>([.string("kernel", "Name of the kernel") { $0.owner }]) + SpectrumRow.columns

  package var frequencyTable: Table {
    Self.frequencyColumns.table(SpectrumRow.rows(profiles, owners: kernels.map(\.name)))
  }

  package var note: String {
    let count = kernels.count == 1 ? "1 kernel" : "\(kernels.count) kernels"
    let place =
      switch kernels[0].side {
      case .older:
        "tap j of output step t reads lag t + j. Taps are not lags: the readout uses the last step, which reads the oldest frames"
      case .newer:
        "tap j of output step t reads lag t - j: frames that are newer than its step (index 0 is the newest), and padding before the newest"
      case .both: "taps lie on both sides of their output step"
      }
    var text = "frontend of \(twin), \(count) of \(kernels[0].lags.count) taps; \(place)"
    if let rateOrigin { text += "; the frame rate is that of \(rateOrigin)" }
    if profiles[0].lagMs == nil {
      text +=
        "; neither its configuration nor an open recording of its sessions says the frame rate, so ms and Hz are unknown"
    }
    return ([text] + findings.map { $0.prefix(1).lowercased() + $0.dropFirst().dropLast() }).joined(separator: "; ")
  }

  package var arrays: [NamedArray] {
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

  package var figures: [Figure] {
    let shown = kernels.indices.prefix(Self.shown)
    let ms = profiles[0].lagMs
    var weights = Figure(
      "kernels of the frontend of \(twin)", xLabel: ms == nil ? "tap" : "lag of the tap (ms)", yLabel: "weight",
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
    return [weights, Figure("power spectra", xLabel: "temporal frequency (Hz)", yLabel: "power", series: spectra)]
  }
}
