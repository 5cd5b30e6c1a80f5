import Base
import Formats
import Metrics

/// Filters over time with their indices: as tables, as arrays and as figures.
package protocol TemporalProfiles {
  /// A row for each kernel or cell.
  var table: Table { get }
  /// A row for each kernel or cell and each lag.
  var lagTable: Table { get }
  /// A row for each kernel or cell and each frequency.
  var frequencyTable: Table { get }
  var note: String { get }
  var arrays: [NamedArray] { get }
  var figures: [Figure] { get }
}

/// The power of a kernel or cell at one frequency.
package struct SpectrumRow<Owner: Sendable>: Sendable {
  var owner: Owner
  var hz: Double
  var power: Double?

  /// The columns after the one that names the owner.
  static var columns: TableShape<SpectrumRow> {
    TableShape([
      .float("hz", unit: "Hz", "Temporal frequency") { $0.hz },
      .float("power", "Power at this frequency") { $0.power },
    ])
  }

  /// A row for each frequency of each profile that has a spectrum.
  static func rows(_ profiles: [TimeProfile], owners: [Owner]) -> [SpectrumRow] {
    zip(profiles, owners).flatMap { profile, owner in
      (profile.spectrum.map { Array(zip($0.hz, $0.power)) } ?? []).map { SpectrumRow(owner: owner, hz: $0, power: $1) }
    }
  }
}

extension TimeProfile {
  /// Which temporal frequencies pass.
  static let spectralColumns = TableShape<TimeProfile>([
    .float("dc_share", "Power at 0 Hz over the power at all frequencies") { $0.dcShare },
    .float("high_pass", "1 minus the gain at 0 Hz over the largest gain") { $0.highPass },
    .float("peak_hz", unit: "Hz", "Frequency with the largest power") { $0.peakHz },
  ])

  /// Spectra as arrays: `hz` and `power` `[profile, frequency]`; no array where no profile has a spectrum.
  static func spectra(_ profiles: [TimeProfile]) -> [NamedArray] {
    let spectra = profiles.map(\.spectrum)
    guard let hz = spectra.compactMap({ $0?.hz }).first else { return [] }
    let power = spectra.flatMap { $0?.power ?? [Double](repeating: .nan, count: hz.count) }
    return [
      NamedArray("hz", shape: [hz.count], values: .float64(hz)),
      NamedArray("power", shape: [profiles.count, hz.count], values: .float64(power)),
    ]
  }
}
