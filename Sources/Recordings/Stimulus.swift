import Base
import Formats

/// One stimulus of a recording, read with its configuration.
///
/// `init` reads only sizes; each function reads the arrays that it needs.
public struct Stimulus: Sendable {
  /// `backimage`, `gaborium`, …
  public let name: String
  /// The covariates, at the rate of the recording.
  public let source: any ArraySource
  public let configuration: RecordingConfiguration
  public let frameCount: Int
  public let channelCount: Int
  /// In pixels.
  public let height: Int
  public let width: Int
  /// Frames (bins) per second.
  public let rateHz: Double
  /// The cells, in the order of every `[time, cell]` array.
  public let cids: [CellID]
  /// The cells of the file, in the order of its columns.
  let fileCids: [CellID]
  /// The file's column of each cell.
  let columns: [Int]
  /// What was settled although file and YAML disagree.
  package let remarks: [String]
  /// Arrays that are computed from the whole recording.
  let processed = ProcessedStimulus()

  /// - Throws: `Failure(.missing)` without `stim` or `robs`, `.mismatch` where arrays, cids or rates do not fit each
  ///   other. Messages name session and stimulus.
  public init(
    name: String, source: any ArraySource, metadata: ConfigNode, configuration: RecordingConfiguration
  ) throws {
    let label = "\(configuration.session)/\(name)"
    let factor = try configuration.downsamplingFactor()
    let source: any ArraySource = factor > 1 ? Downsampled(source, factor: factor) : source
    func shape(_ array: String, ranks: ClosedRange<Int>) throws -> [Int] {
      guard let info = source.info(array) else {
        throw Failure(.missing, "\(label): there is no `\(array)` in \(source.origin)")
      }
      guard ranks.contains(info.shape.count) else {
        throw Failure(.mismatch, "\(label): `\(array)` has shape \(info.shape)")
      }
      return info.shape
    }
    let stim = try shape("stim", ranks: 3...4)
    let robs = try shape("robs", ranks: 2...2)
    guard stim[0] == robs[0] else {
      throw Failure(.mismatch, "\(label): stim has \(stim[0]) frames, but robs has \(robs[0])")
    }
    self.name = name
    self.source = source
    self.configuration = configuration
    frameCount = stim[0]
    channelCount = stim.count == 4 ? stim[1] : 1
    height = stim[stim.count - 2]
    width = stim[stim.count - 1]
    let rate = try Self.rate(metadata: metadata, configuration: configuration, factor: factor, label: label)
    rateHz = rate.hz
    let numbered = try Self.fileCids(metadata, configuration, count: robs[1], label: label)
    fileCids = numbered.cids
    remarks = [rate.remark, numbered.remark].compactMap(\.self)
    cids = configuration.cids ?? fileCids
    columns = try Self.columns(of: cids, in: fileCids, label: label)
  }

  /// `Sim_2025-01-10/gaborium`, for messages.
  public var label: String { "\(configuration.session)/\(name)" }

  public var cellCount: Int { cids.count }

  /// Whether frames were averaged to a lower rate than the file's.
  public var isDownsampled: Bool { source is Downsampled }

  /// The column of a cell in the file's own `[time, cell]` arrays.
  public func fileColumn(of cid: CellID) -> Int? { cids.firstIndex(of: cid).map { columns[$0] } }

  /// Lags of the stimulus window in file order; nil where no YAML names them.
  public var lags: [Int]? { configuration.lags["stim"] }

  /// Whether the recording has trials.
  public var hasTrials: Bool { source.info("trial_inds") != nil }

  /// The trial of each frame.
  ///
  /// Downsampling can give fractions, where a frame averages two trials. Then each number is replaced by its rank,
  /// which keeps the order and so the split.
  ///
  /// - Throws: `Failure(.missing)` where the recording has no trials, `.format` for fractions in the file itself.
  public func trialIDs() throws -> [Int] {
    guard hasTrials else {
      throw Failure(
        .missing, "\(label): there is no `trial_inds`, so the trials of the frames are unknown",
        hint: "use `--split all`")
    }
    let numbers = try source.doubles("trial_inds")
    guard numbers.count == frameCount else {
      throw Failure(.mismatch, "\(label): `trial_inds` has \(numbers.count) entries for \(frameCount) frames")
    }
    guard !numbers.contains(where: \.isNaN) else { throw Failure(.format, "\(label): `trial_inds` holds NaN") }
    let whole = numbers.compactMap { Int(exactly: $0) }
    if whole.count == numbers.count { return whole }
    guard source is Downsampled else {
      let frame = numbers.firstIndex { Int(exactly: $0) == nil } ?? 0
      throw Failure(
        .format, "\(label): `trial_inds` has \(numbers[frame]) at frame \(frame); trial numbers must be integers",
        hint: "fractions are allowed only where a YAML's `sampling` averages frames of two trials")
    }
    let ranks = Dictionary(uniqueKeysWithValues: Set(numbers).sorted().enumerated().map { ($1, $0) })
    return numbers.compactMap { ranks[$0] }
  }

  /// The position of each frame within its trial, where trials repeat. Nil where they do not.
  public func psthBins() throws -> [Int]? { repeats ? try perFrame("psth_inds") : nil }
  /// Whether the trials of the stimulus repeat.
  public var repeats: Bool { source.info("psth_inds") != nil }

  /// Observed counts (robs): 0 in bins that were masked because their count is impossible, NaN in the valid bins of a cell
  /// with too many of them (`ImpossibleBins`).
  ///
  /// - Shapes: `[time, cell]`
  public func counts() throws -> Tensor {
    try impossibleBins().isEmpty
      ? selectingCells(source.tensor("robs"), name: "robs", rows: 0..<frameCount)
      : responses(rows: 0..<frameCount, filters: maskFilters()).counts
  }

  /// The trials of each split, with the configuration's fraction and seed.
  public func trialSplit() throws -> TrialSplit {
    TrialSplit(trials: try trialIDs(), fraction: configuration.trainFraction, seed: configuration.seed)
  }

  /// The columns of this stimulus's cells, for some rows.
  ///
  /// - Shapes: `[time, cell]` of the file or of the chosen cells, or `[time, 1]` or `[time]` for all cells -> `[time,
  ///   cell]`
  func selectingCells(_ values: Tensor, name: String, rows: Range<Int>) throws -> Tensor {
    let width = values.rank == 1 ? 1 : values.shape.last ?? 0
    guard values.rank <= 2, values.shape.first == rows.count else {
      throw Failure(.mismatch, "\(label): `\(name)` has shape \(values.shape) for \(rows.count) frames")
    }
    let sources: [Int]
    if width == fileCids.count {
      if columns == Array(0..<width) { return values.reshaped([rows.count, width]) }
      sources = columns
    } else if width == 1 {
      sources = [Int](repeating: 0, count: cellCount)
    } else if width == cellCount {
      return values
    } else {
      throw Failure(.mismatch, "\(label): `\(name)` has \(width) columns for \(fileCids.count) cells")
    }
    var out: [Float] = []
    out.reserveCapacity(rows.count * sources.count)
    for start in stride(from: 0, to: values.count, by: width) {
      for column in sources { out.append(values.values[start + column]) }
    }
    return Tensor(shape: [rows.count, sources.count], values: out)
  }

  private func perFrame(_ name: String) throws -> [Int] {
    let values = try source.integers(name)
    guard values.count == frameCount else {
      throw Failure(.mismatch, "\(label): `\(name)` has \(values.count) entries for \(frameCount) frames")
    }
    return values
  }

  private static func rate(
    metadata: ConfigNode, configuration: RecordingConfiguration, factor: Int, label: String
  ) throws -> (hz: Double, remark: String?) {
    if let given = configuration.givenRate { return (given / Double(factor), nil) }
    let stored = metadata["rate"]?.doubleValue
    let target = configuration.targetRate ?? configuration.sourceRate
    var remark: String?
    if stored == nil, let text = metadata["rate"]?.stringValue {
      remark =
        "\(label): the file's rate `\(text.shortened)` is not a number and is not used; --rate gives the rate in Hz"
    }
    if let stored, let wanted = configuration.sourceRate ?? target, abs(stored - wanted) > 1e-6 * wanted {
      guard abs(stored - wanted) <= Self.rateTolerance * wanted else {
        throw Failure(
          .mismatch, "\(label): yaml \(wanted) Hz, file \(stored) Hz",
          hint:
            "--rate gives the true rate of the file's frames, e.g. --rate \(NumberText.significant(likely(stored, wanted), digits: 10))"
        )
      }
      remark =
        "\(label): yaml \(wanted) Hz, file \(stored) Hz: the YAML's rate is used; --rate \(NumberText.significant(stored, digits: 10)) takes the file's"
    }
    if let rate = target ?? stored, (1e-3...1e6).contains(rate) { return (rate, remark) }
    throw Failure(
      .missing, "\(label): neither the file's metadata nor a YAML gives the frame rate",
      hint: "give it with --rate, or add `sampling: {target_rate: …}` to the YAML")
  }

  /// A rate that a file's number may mean: the YAML's, where the number is that rate in kHz or the width of a bin in seconds
  /// or milliseconds; else itself, or the rate of a bin's width in seconds.
  private static func likely(_ stored: Double, _ wanted: Double) -> Double {
    guard stored.isFinite, stored > 0 else { return wanted }
    if [stored * 1e3, 1 / stored, 1e3 / stored].contains(where: { abs($0 - wanted) <= rateTolerance * wanted }) {
      return wanted
    }
    return [stored, 1 / stored].first { (1...1e6).contains($0) } ?? wanted
  }

  /// The file's cids. Without them, they are the YAML's where it lists as many as there are columns, else cells are
  /// numbered by column, as in VisionCore.
  private static func fileCids(
    _ metadata: ConfigNode, _ configuration: RecordingConfiguration, count: Int, label: String
  ) throws -> (cids: [CellID], remark: String?) {
    if let given = configuration.givenCells {
      guard given.count == count else {
        throw Failure(
          .mismatch, "\(label): --cells lists \(given.count) cells, but robs has \(count) columns",
          hint: "give the id of each column of robs")
      }
      return (given, nil)
    }
    guard let node = metadata["cids"], !node.isNull else {
      guard let cids = configuration.cids, cids.count == count, !cids.allSatisfy((0..<count).contains) else {
        return (Array(0..<count), nil)
      }
      return (
        cids,
        "\(label): the file does not say which cell each column is: the YAML's \(count) cids are taken in their order; --cells gives others"
      )
    }
    guard let cids = node.intList else {
      throw Failure(
        .format,
        "\(label): the metadata's cids must be a list of integers, not \(node.kindName { $0.intValue != nil })",
        hint: "--cells gives the id of each column of robs")
    }
    guard cids.count == count else {
      throw Failure(
        .mismatch, "\(label): the metadata lists \(cids.count) cells, but robs has \(count)",
        hint: "--cells gives the id of each column of robs")
    }
    return (cids, nil)
  }

  private static func columns(of cids: [CellID], in fileCids: [CellID], label: String) throws -> [Int] {
    let places = Dictionary(fileCids.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    guard places.count == fileCids.count else {
      throw Failure(.mismatch, "\(label): the metadata's cids list a cell twice")
    }
    let unknown = cids.filter { places[$0] == nil }
    guard unknown.isEmpty else {
      throw Failure(
        .mismatch,
        "\(label): yaml \(cids.count) cells, file \(fileCids.count): \(Self.naming(unknown)) not in the file",
        hint: "check the cids of \(label)'s YAML, or give the id of each column of robs with --cells")
    }
    return cids.compactMap { places[$0] }
  }

  private static func naming(_ cids: [CellID]) -> String {
    let shown = cids.prefix(5).map(String.init).joined(separator: ", ")
    return cids.count == 1 ? "cell \(shown) is" : "cells \(shown)\(cids.count > 5 ? ", …" : "") are"
  }
}
