import Base
import Formats

/// The small arrays of predictions: ids of cells, frames, trials, rate. Lists of Python objects and of text are read, too.
struct PredictionVectors {
  let source: any LabelledArrays
  private var path: String { source.path }

  /// Numbers that an array or a list holds, flattened; nil where there is none, or None stands there.
  ///
  /// - Throws: `mismatch` where it holds something else.
  func numbers(_ name: String) throws -> [Double]? {
    if source.info(name) != nil { return try source.doubles(name) }
    guard source.arrayNames.contains(name) else { return nil }
    guard let labels = try source.labels(name) else {
      throw source.obstacle(name) ?? Failure(.mismatch, "\(path): \(name) must hold real numbers")
    }
    if labels.allSatisfy(\.isNull) { return nil }
    let numbers = labels.compactMap(\.doubleValue)
    guard numbers.count == labels.count else {
      throw Failure(.mismatch, "\(path): \(name) must hold real numbers, not \(kind(of: labels))")
    }
    return numbers
  }

  /// The integers of the first of `names` that has any; text becomes the number of its label where `labels` says so.
  ///
  /// - Throws: `mismatch` for another length than `count`, or values that are not integers.
  func integers(_ names: [String], count: Int, labels isLabelled: Bool = false) throws -> [Int]? {
    for name in names where source.arrayNames.contains(name) {
      guard let values = try integers(name, isLabelled) else { continue }
      guard values.count == count else {
        throw Failure(
          .mismatch, "\(path): \(name) has \(values.count) entries, rhat needs \(count)",
          hint: values.count == source.info("rhat")?.shape.first || values.count == source.info("rhat")?.shape.last
            ? "are rhat and robs transposed? They are (time, cell): save `rhat.T` and `robs.T`" : nil)
      }
      return values
    }
    return nil
  }

  private func integers(_ name: String, _ isLabelled: Bool) throws -> [Int]? {
    if source.info(name) != nil { return try source.integers(name) }
    // What can't be read as numbers or labels is left out; `PredictionRemarks` says so.
    guard let labels = try source.labels(name), !labels.allSatisfy(\.isNull) else { return nil }
    let whole = labels.compactMap(\.intValue)
    if whole.count == labels.count { return whole }
    return isLabelled ? Self.numbered(labels) : nil
  }

  /// How many different labels of text an array holds; nil where it holds numbers, or nothing.
  func labelCount(_ name: String) throws -> Int? {
    guard source.info(name) == nil, let labels = try source.labels(name), !labels.allSatisfy(\.isNull),
      labels.contains(where: { $0.intValue == nil })
    else { return nil }
    return Set(Self.numbered(labels)).count
  }

  /// Labels by number, in the order in which they first appear.
  private static func numbered(_ labels: [ConfigNode]) -> [Int] {
    var known: [String: Int] = [:]
    return labels.map { label in
      let text = label.stringValue ?? label.intValue.map(String.init) ?? "\(label)"
      if let number = known[text] { return number }
      known[text] = known.count
      return known.count - 1
    }
  }

  private func kind(of labels: [ConfigNode]) -> String {
    labels.first { $0.doubleValue == nil }.map { $0.isNull ? "None" : $0.kindName } ?? "numbers"
  }
}
