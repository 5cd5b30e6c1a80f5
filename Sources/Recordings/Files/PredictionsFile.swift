import Base
import Formats
import Foundation

/// Predictions as an npz: `rhat`, `robs`, and where known `dfs`, `cid`, `idx`, `trial`, `trial_bin`, `rate_hz`.
///
/// Shapes: `rhat`, `robs`, `dfs` `[time, cell]` (dfs also `[time]` or `[time, 1]`), or `[trial, time, cell]` for
/// repeats, NaN where no frame is valid; `cid` `[cell]`; `idx`, `trial`, `trial_bin` `[time]`; `rate_hz` a single
/// number.
package enum PredictionsFile {
  /// Whether an archive holds predictions.
  package static func isPredictions(_ archive: any LabelledArrays) -> Bool {
    archive.arrayNames.contains("rhat") && archive.arrayNames.contains("robs")
  }

  /// The arrays of an npz, or of a dict in a file of `torch.save`.
  package static func arrays(_ path: String) throws -> any LabelledArrays {
    if let archive = try CandidateFile(path: path).torch(), let dict = TensorDict(archive) { return dict }
    return try NpzArchive(path: path)
  }

  /// Frames, cids and rate, from the arrays' shapes and the small arrays alone.
  package static func outline(_ archive: any LabelledArrays, _ path: String) throws -> (
    frames: Int, cids: [CellID], rateHz: Double?, remarks: [String]
  ) {
    for name in ["rhat", "robs"] {
      if let failure = archive.obstacle(name) { throw failure }
    }
    guard let shape = archive.info("rhat")?.shape, shape.count == 2 || shape.count == 3 else {
      throw Failure(
        .mismatch,
        "\(path): rhat has shape \(archive.info("rhat")?.shape ?? []), not (time, cell) or (trial, time, cell)")
    }
    guard archive.info("robs")?.shape == shape else {
      throw Failure(
        .mismatch, "\(path): robs has shape \(archive.info("robs")?.shape ?? []), rhat \(shape)",
        hint: archive.info("robs")?.shape == shape.reversed()
          ? "one of them is transposed: both are (time, cell)" : "both are (time, cell)")
    }
    try checkSize(shape, path)
    let cells = shape[shape.count - 1]
    if let mask = archive.info("dfs")?.shape, mask != shape, mask.reduce(1, *) * cells != shape.reduce(1, *) {
      throw Failure(
        .mismatch, "\(path): dfs has shape \(mask), rhat \(shape)", hint: "a mask is (time, cell) or (time, 1)")
    }
    let vectors = PredictionVectors(source: archive)
    let rows = shape.dropLast().reduce(1, *)
    for name in ["idx", "trial", "trial_inds", "trial_bin", "psth_inds"] where shape.count == 2 {
      _ = try vectors.integers([name], count: rows, labels: name != "idx")
    }
    for name in ["rhat", "robs"] where archive.info(name) == nil {
      throw Failure(.mismatch, "\(path): \(name) must hold real numbers")
    }
    if archive.info("dfs") == nil { _ = try vectors.numbers("dfs") }
    return (
      rows, try cids(archive, count: cells, path), try rateHz(archive, path),
      try PredictionRemarks.of(archive, shape: shape)
    )
  }

  /// Predictions as they are used, and the bins that were masked because their count or mask is impossible.
  package static func read(_ path: String) throws -> (predictions: Predictions, impossible: ImpossibleBins) {
    let archive = try arrays(path)
    for name in ["rhat", "robs"] where archive.info(name) == nil {
      throw Failure(
        .format, "\(path): holds no array `\(name)`",
        hint: "predictions are an npz with `rhat` and `robs` (time, cell), and optionally dfs, cid, idx, trial, rate_hz"
      )
    }
    let rates = try archive.tensor("rhat")
    guard rates.rank == 2 || rates.rank == 3 else {
      throw Failure(.mismatch, "\(path): rhat has shape \(rates.shape), not (time, cell) or (trial, time, cell)")
    }
    try checkSize(rates.shape, path)
    let cells = rates.shape[rates.rank - 1]
    let rows = rates.shape.dropLast().reduce(1, *)
    let vectors = PredictionVectors(source: archive)
    let counts = try matching(archive, "robs", shape: rates.shape, path)
    let mask = try mask(archive, shape: rates.shape, path)
    return try assemble(
      rates: rates, counts: counts, mask: mask, isByteMask: archive.info("dfs")?.scalar == .uint8,
      cids: cids(archive, count: cells, path),
      frames: vectors.integers(["idx"], count: rows),
      trials: rates.rank == 3 ? nil : vectors.integers(["trial", "trial_inds"], count: rows, labels: true),
      trialBins: rates.rank == 3 ? nil : vectors.integers(["trial_bin", "psth_inds"], count: rows, labels: true),
      rateHz: rateHz(archive, path), path)
  }

  /// Predictions from arrays as a file holds them.
  ///
  /// A bin that no trial has is masked: one of repeats without any cell's count, or one without any count and any rate. A count that can't be one is masked, as everywhere
  /// (`ImpossibleBins`). A rate that is missing where a count is valid stays missing: it makes the scores undefined, so that
  /// leaving out what is predicted badly never raises a score.
  /// Shapes: `[time, cell]`, or `[trial, time, cell]` for repeats, whose trials and places are then known.
  package static func assemble(
    rates: Tensor, counts: [Float], mask: [Float], isByteMask: Bool = false, cids: [CellID], frames: [Int]? = nil,
    trials: [Int]? = nil,
    trialBins: [Int]? = nil, rateHz: Double?, _ path: String
  ) throws -> (predictions: Predictions, impossible: ImpossibleBins) {
    let rows = rates.shape.dropLast().reduce(1, *)
    var mask = mask
    var cleanRates = rates.values
    var cleanCounts = counts
    let cells = rates.shape[rates.rank - 1]
    for start in stride(from: 0, to: rows * cells, by: cells) where cleanCounts[start].isNaN {
      let bins = start..<start + cells
      guard bins.allSatisfy({ cleanCounts[$0].isNaN && (rates.rank == 3 || cleanRates[$0].isNaN) }) else { continue }
      for index in bins { mask[index] = 0 }
    }
    var impossible = ImpossibleBins(cells: cells, isByteMask: isByteMask)
    impossible.add(counts: cleanCounts, mask: mask)
    impossible.clean(counts: &cleanCounts, mask: &mask)
    for index in mask.indices where mask[index] == 0 {
      if cleanRates[index].isNaN { cleanRates[index] = 0 }
      if cleanCounts[index].isNaN { cleanCounts[index] = 0 }
    }
    let shape = [rows, cells]
    let repeats = rates.rank == 3 ? rates.shape[1] : nil
    let predictions = Predictions(
      cids: cids, frames: frames ?? Array(0..<rows),
      trials: repeats.map { time in (0..<rows).map { $0 / time } } ?? trials,
      trialBins: repeats.map { time in (0..<rows).map { $0 % time } } ?? trialBins,
      rates: Tensor(shape: shape, values: cleanRates), counts: Tensor(shape: shape, values: cleanCounts),
      mask: Tensor(shape: shape, values: mask), rateHz: rateHz ?? .nan)
    return (predictions, impossible)
  }

  package static func write(_ predictions: Predictions, to path: String) throws {
    let shape = predictions.rates.shape
    var arrays = [
      NamedArray("idx", shape: [shape[0]], values: .int64(predictions.frames)),
      NamedArray("rhat", predictions.rates),
      NamedArray("robs", predictions.counts),
      NamedArray("dfs", predictions.mask),
      NamedArray("cid", shape: [shape[1]], values: .int64(predictions.cids)),
    ]
    if let trials = predictions.trials {
      arrays.append(NamedArray("trial", shape: [shape[0]], values: .int64(trials)))
    }
    if let bins = predictions.trialBins {
      arrays.append(NamedArray("trial_bin", shape: [shape[0]], values: .int64(bins)))
    }
    if predictions.rateHz.isFinite {
      arrays.append(NamedArray("rate_hz", shape: [], values: .float64([predictions.rateHz])))
    }
    try NpzWriter.write(arrays, to: path)
  }

  private static func matching(_ archive: any LabelledArrays, _ name: String, shape: [Int], _ path: String) throws
    -> [Float]
  {
    let tensor = try archive.tensor(name)
    guard tensor.shape == shape else {
      throw Failure(
        .mismatch, "\(path): \(name) has shape \(tensor.shape), rhat \(shape)", hint: "both are (time, cell)")
    }
    return tensor.values
  }

  private static func mask(_ archive: any LabelledArrays, shape: [Int], _ path: String) throws -> [Float] {
    let count = shape.reduce(1, *)
    guard let info = archive.info("dfs") else {
      // A list of Python objects, or None.
      let values = try PredictionVectors(source: archive).numbers("dfs")
      guard let values else { return [Float](repeating: 1, count: count) }
      guard values.count == count else {
        throw Failure(.mismatch, "\(path): dfs has \(values.count) entries, rhat \(count)", hint: "save it as numbers")
      }
      return values.map { $0.isNaN || $0 == 0 ? 0 : Float($0) }
    }
    let cells = shape[shape.count - 1]
    let tensor = try archive.tensor("dfs")
    let values: [Float]
    if info.shape == shape {
      values = tensor.values
    } else if tensor.count * cells == count, info.shape.first == shape.first {
      values = tensor.values.flatMap { [Float](repeating: $0, count: cells) }
    } else {
      throw Failure(
        .mismatch, "\(path): dfs has shape \(info.shape), rhat \(shape)", hint: "a mask is (time, cell) or (time, 1)")
    }
    return values
  }

  /// The cells' ids; their positions where the file has none.
  private static func cids(_ source: any LabelledArrays, count: Int, _ path: String) throws -> [CellID] {
    let ids = try PredictionVectors(source: source).integers(["cid", "cids"], count: count)
    guard let ids else { return Array(0..<count) }
    guard Set(ids).count == count else {
      throw Failure(.mismatch, "\(path): cid names a cell twice", hint: "one integer a cell, each once")
    }
    return ids
  }

  /// Without cells or frames there is nothing to predict, and sizes would not be bounded by the file's.
  private static func checkSize(_ shape: [Int], _ path: String) throws {
    guard shape.allSatisfy({ $0 > 0 }) else {
      throw Failure(.mismatch, "\(path): rhat has shape \(shape): no cells or no frames")
    }
  }

  /// Nil where the file does not say.
  private static func rateHz(_ source: any LabelledArrays, _ path: String) throws -> Double? {
    guard let values = try PredictionVectors(source: source).numbers("rate_hz") else { return nil }
    guard let rate = values.first, values.count == 1, (1e-3...1e6).contains(rate) else {
      throw Failure(.mismatch, "\(path): rate_hz is not one number of bins a second between 0.001 and 1,000,000")
    }
    return rate
  }
}
