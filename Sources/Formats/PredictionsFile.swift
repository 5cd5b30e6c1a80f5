import Base
import Foundation

/// Predictions as an npz: `rhat`, `robs`, and where known `dfs`, `cid`, `idx`, `trial`, `trial_bin`, `rate_hz`.
///
/// Shapes: `rhat`, `robs`, `dfs` `[time, cell]` (dfs also `[time]` or `[time, 1]`), or `[trial, time, cell]` for
/// repeats, NaN where no frame is valid; `cid` `[cell]`; `idx`, `trial`, `trial_bin` `[time]`; `rate_hz` a single
/// number.
package enum PredictionsFile {
  /// Whether an archive holds predictions.
  package static func isPredictions(_ archive: NpzArchive) -> Bool {
    archive.info("rhat") != nil && archive.info("robs") != nil
  }

  /// Frames, cids and rate, from the arrays' shapes and the small arrays alone.
  package static func outline(_ archive: NpzArchive, _ path: String) throws -> (
    frames: Int, cids: [CellID], rateHz: Double?
  ) {
    guard let shape = archive.info("rhat")?.shape, shape.count == 2 || shape.count == 3 else {
      throw Failure(
        .mismatch,
        "\(path): rhat has shape \(archive.info("rhat")?.shape ?? []), not (time, cell) or (trial, time, cell)")
    }
    guard archive.info("robs")?.shape == shape else {
      throw Failure(
        .mismatch, "\(path): robs has shape \(archive.info("robs")?.shape ?? []), rhat \(shape)",
        hint: "both are (time, cell)")
    }
    try checkSize(shape, path)
    let cells = shape[shape.count - 1]
    if let mask = archive.info("dfs")?.shape, mask != shape, mask.reduce(1, *) * cells != shape.reduce(1, *) {
      throw Failure(
        .mismatch, "\(path): dfs has shape \(mask), rhat \(shape)", hint: "a mask is (time, cell) or (time, 1)")
    }
    let rows = shape.dropLast().reduce(1, *)
    for name in ["idx", "trial", "trial_inds", "trial_bin", "psth_inds"] where shape.count == 2 {
      if let count = archive.info(name)?.count, count != rows {
        throw Failure(.mismatch, "\(path): \(name) has \(count) entries, rhat needs \(rows)")
      }
    }
    for name in ["rhat", "robs", "dfs", "rate_hz"] where archive.arrayNames.contains(name) && archive.info(name) == nil
    {
      throw Failure(.mismatch, "\(path): \(name) must hold real numbers")
    }
    let rate = try archive.info("rate_hz").map { _ in try rateHz(archive, path) }
    return (
      rows, try cids(archive, count: cells, path), rate
    )
  }

  package static func read(_ path: String) throws -> Predictions {
    let archive = try NpzArchive(path: path)
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
    let counts = try matching(archive, "robs", shape: rates.shape, path)
    let mask = try mask(archive, shape: rates.shape, path)
    return try assemble(
      rates: rates, counts: counts, mask: mask, cids: cids(archive, count: cells, path),
      frames: vector(archive, ["idx"], count: rows, path),
      trials: vector(archive, ["trial", "trial_inds"], count: rows, path),
      trialBins: vector(archive, ["trial_bin", "psth_inds"], count: rows, path),
      rateHz: archive.info("rate_hz").map { _ in try rateHz(archive, path) }, path)
  }

  /// Predictions from arrays as a file holds them.
  ///
  /// Shapes: `[time, cell]`, or `[trial, time, cell]` for repeats, whose trials and places are then known.
  package static func assemble(
    rates: Tensor, counts: [Float], mask: [Float], cids: [CellID], frames: [Int]? = nil, trials: [Int]? = nil,
    trialBins: [Int]? = nil, rateHz: Double?, _ path: String
  ) throws -> Predictions {
    let rows = rates.shape.dropLast().reduce(1, *)
    var mask = mask
    var cleanRates = rates.values
    var cleanCounts = counts
    if counts.contains(where: { $0 < 0 }) {
      throw Failure(.mismatch, "\(path): robs holds negative counts", hint: "counts per bin are 0 or more")
    }
    // A bin that was not observed or not predicted does not count. Where there is none, nothing is written, so that the
    // arrays are not copied.
    for index in mask.indices where cleanRates[index].isNaN || cleanCounts[index].isNaN {
      if mask[index] != 0, rates.rank == 3 || cleanCounts[index].isNaN { mask[index] = 0 }
      if mask[index] == 0 {
        if cleanRates[index].isNaN { cleanRates[index] = 0 }
        if cleanCounts[index].isNaN { cleanCounts[index] = 0 }
      }
    }
    let shape = [rows, rates.shape[rates.rank - 1]]
    let repeats = rates.rank == 3 ? rates.shape[1] : nil
    return Predictions(
      cids: cids, frames: frames ?? Array(0..<rows),
      trials: repeats.map { time in (0..<rows).map { $0 / time } } ?? trials,
      trialBins: repeats.map { time in (0..<rows).map { $0 % time } } ?? trialBins,
      rates: Tensor(shape: shape, values: cleanRates), counts: Tensor(shape: shape, values: cleanCounts),
      mask: Tensor(shape: shape, values: mask), rateHz: rateHz ?? .nan)
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

  private static func matching(_ archive: NpzArchive, _ name: String, shape: [Int], _ path: String) throws -> [Float] {
    let tensor = try archive.tensor(name)
    guard tensor.shape == shape else {
      throw Failure(
        .mismatch, "\(path): \(name) has shape \(tensor.shape), rhat \(shape)", hint: "both are (time, cell)")
    }
    return tensor.values
  }

  private static func mask(_ archive: NpzArchive, shape: [Int], _ path: String) throws -> [Float] {
    let count = shape.reduce(1, *)
    guard let info = archive.info("dfs") else { return [Float](repeating: 1, count: count) }
    let cells = shape[shape.count - 1]
    let tensor = try archive.tensor("dfs")
    var values: [Float]
    if info.shape == shape {
      values = tensor.values
    } else if tensor.count * cells == count, info.shape.first == shape.first {
      values = tensor.values.flatMap { [Float](repeating: $0, count: cells) }
    } else {
      throw Failure(
        .mismatch, "\(path): dfs has shape \(info.shape), rhat \(shape)", hint: "a mask is (time, cell) or (time, 1)")
    }
    if values.contains(where: \.isNaN) { values = values.map { $0.isNaN ? 0 : $0 } }
    return values
  }

  /// The cells' ids; their positions where the file has none.
  private static func cids(_ archive: NpzArchive, count: Int, _ path: String) throws -> [CellID] {
    guard let name = ["cid", "cids"].first(where: archive.arrayNames.contains) else { return Array(0..<count) }
    let ids = try vector(archive, [name], count: count, path)
    guard let ids, Set(ids).count == count else {
      throw Failure(
        .mismatch, "\(path): \(name) \(ids == nil ? "holds no integers" : "names a cell twice")",
        hint: "one integer a cell, each once")
    }
    return ids
  }

  private static func vector(_ archive: NpzArchive, _ names: [String], count: Int, _ path: String) throws -> [Int]? {
    guard let name = names.first(where: { archive.info($0) != nil }) else { return nil }
    let values = try archive.integers(name)
    guard values.count == count else {
      throw Failure(.mismatch, "\(path): \(name) has \(values.count) entries, rhat needs \(count)")
    }
    return values
  }

  /// Without cells or frames there is nothing to predict, and sizes would not be bounded by the file's.
  private static func checkSize(_ shape: [Int], _ path: String) throws {
    guard shape.allSatisfy({ $0 > 0 }) else {
      throw Failure(.mismatch, "\(path): rhat has shape \(shape): no cells or no frames")
    }
  }

  private static func rateHz(_ archive: NpzArchive, _ path: String) throws -> Double {
    let values = try archive.doubles("rate_hz")
    guard let rate = values.first, values.count == 1, (1e-3...1e6).contains(rate) else {
      throw Failure(.mismatch, "\(path): rate_hz is not one number of bins a second between 0.001 and 1,000,000")
    }
    return rate
  }
}
