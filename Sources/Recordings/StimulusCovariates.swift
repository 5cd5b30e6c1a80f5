import Base
import Formats

extension Stimulus {
  /// A covariate after the YAML's transforms, which run in file order.
  ///
  /// An entry replaces its target at once, so that later entries use the new values. Entries with `concatenate` are
  /// joined on the last axis after all have run.
  ///
  /// - Shapes: `[time, …]`
  /// - Throws: `Failure(.missing)` for a name that is neither in the file nor made by a transform.
  public func covariate(_ name: String) throws -> Tensor {
    var values: [String: Tensor] = [:]
    var joined: [Tensor] = []
    for entry in entries(for: name) {
      var result = try values[entry.source] ?? stored(entry.source)
      for step in entry.steps { result = try transform(step).apply(result) }
      guard result.shape.first == frameCount else {
        throw Failure(
          .unsupported,
          "\(label): transforms.\(entry.name.shortened) returns \(result.shape.first ?? 0) frames for \(frameCount)")
      }
      if !entry.concatenates {
        values[entry.target] = result
      } else if entry.target == name {
        joined.append(result)
      }
    }
    if !joined.isEmpty { return try joining(joined, as: name) }
    return try values[name] ?? stored(name)
  }

  /// The first covariate that `covariate(name)` needs and that is missing: the source of one of its transforms, or
  /// `name` itself. Nil where nothing is missing.
  public func missing(for name: String) -> String? {
    var made: Set<String> = []
    for entry in entries(for: name) {
      if !made.contains(entry.source), source.info(entry.source) == nil { return entry.source }
      made.insert(entry.target)
    }
    return made.contains(name) || source.info(name) != nil ? nil : name
  }

  /// A covariate at the lags of its `keys_lags`, for each of `frames`. The covariate is computed once and kept.
  ///
  /// - Shapes: `[batch, …]` for a single lag, else `[batch, lag, …]`, lags in file order
  /// - Throws: `Failure(.missing)` where a lag leads past the last frame. A lag before the first frame wraps around to
  ///   the end.
  public func embedding(of name: String, frames: [Int]) throws -> Tensor {
    let lags = configuration.lags[name] ?? [0]
    let rows = try frames.flatMap { frame in try lags.map { try row(frame, lag: $0) } }
    let values = try processed.whole(name) { try covariate(name) }.gathering(rows: rows)
    let rest = values.shape.dropFirst()
    return values.reshaped([frames.count] + (lags.count == 1 ? [] : [lags.count]) + rest)
  }

  /// Counts of the cells at `lags`, for each of `frames`; 0 where a count is impossible.
  ///
  /// - Shapes: `[batch, lag, cell]`
  /// - Throws: as `embedding`.
  public func countsEmbedding(lags: [Int], frames: [Int]) throws -> Tensor {
    let rows = try frames.flatMap { frame in try lags.map { try row(frame, lag: $0) } }
    let all = try processed.whole("robs, of the cells") {
      var all = try counts()
      if try !impossibleBins().isEmpty { all.values = all.values.map { $0 >= 0 && $0 < .infinity ? $0 : 0 } }
      return all
    }
    return all.gathering(rows: rows)
      .reshaped([frames.count, lags.count, cellCount])
  }

  /// The transform of a step, in which `cids` stands for the columns of this stimulus's cells in the file.
  func transform(_ step: PipelineStep) throws -> any Transform {
    try AllTransforms.make(SelectUnits.resolved(step, columns: columns))
  }

  /// The transforms that `name` depends on, in file order.
  private func entries(for name: String) -> [TransformEntry] {
    var needed: Set<String> = [name]
    var entries: [TransformEntry] = []
    for entry in configuration.transforms.reversed() where needed.contains(entry.target) {
      entries.append(entry)
      needed.insert(entry.source)
    }
    return entries.reversed()
  }

  private func stored(_ name: String) throws -> Tensor {
    guard let info = source.info(name) else {
      throw Failure(
        .missing, "\(label): there is no covariate `\(name.shortened)` in \(source.origin)",
        hint: Suggestion.hint(for: name, among: source.arrayNames))
    }
    guard info.shape.first == frameCount else {
      throw Failure(.mismatch, "\(label): `\(name)` has shape \(info.shape) for \(frameCount) frames")
    }
    return try source.tensor(name)
  }

  /// Joins the parts on the last axis.
  private func joining(_ parts: [Tensor], as name: String) throws -> Tensor {
    let outer = parts[0].shape.dropLast()
    guard outer.count >= 1, parts.allSatisfy({ $0.shape.dropLast() == outer }) else {
      throw Failure(.mismatch, "\(label): the parts of `\(name)` have shapes \(parts.map(\.shape)) and can't be joined")
    }
    let widths = parts.map { $0.shape.last ?? 0 }
    var values: [Float] = []
    values.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for row in 0..<outer.reduce(1, *) {
      for (part, width) in zip(parts, widths) {
        values.append(contentsOf: part.values[row * width..<(row + 1) * width])
      }
    }
    return Tensor(shape: outer + [widths.reduce(0, +)], values: values)
  }
}
