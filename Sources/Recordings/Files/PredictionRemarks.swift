import Base
import Formats

/// What should be known about a file of predictions that opens: what of it is not used, and what looks odd.
enum PredictionRemarks {
  static let names = [
    "rhat", "robs", "dfs", "cid", "cids", "idx", "trial", "trial_inds", "trial_bin", "psth_inds", "rate_hz",
  ]

  /// - Parameter shape: of rhat.
  static func of(_ source: any LabelledArrays, shape: [Int]) throws -> [String] {
    let vectors = PredictionVectors(source: source)
    var remarks: [String] = []
    let twice = Set(source.arrayNames.flatMap { [$0, $0 + ".npy"] })
    let unused =
      source.arrayNames.filter { !names.contains($0) }.map { "`\($0.shortened)`\(kind($0, source))" }
      + source.foreignNames.map {
        "`\($0.shortened)` (\(twice.contains($0) ? "a second array of this name" : "not an array"))"
      }
    if !unused.isEmpty {
      remarks.append("not used: \(unused.listed(first: 6))")
    }
    for name in names where source.arrayNames.contains(name) && source.info(name) == nil {
      if try source.labels(name)?.allSatisfy(\.isNull) == true {
        remarks.append(name == "dfs" ? "`dfs` is None: every bin counts" : "`\(name)` is None: not used")
      }
    }
    for name in ["cid", "cids", "idx"] where source.arrayNames.contains(name) && source.info(name) == nil {
      let labels = try source.labels(name)
      if labels?.allSatisfy({ $0.intValue != nil || $0.isNull }) == true { continue }
      remarks.append(
        "`\(name)` does not hold integers alone: \(name == "idx" ? "frames" : "cells") are numbered by their position")
    }
    for name in ["trial", "trial_inds", "trial_bin", "psth_inds"] where source.arrayNames.contains(name) {
      if shape.count == 3 {
        remarks.append("`\(name)` is not used: the first axis of rhat is the trial, the second the bin in the trial")
      } else if let count = try vectors.labelCount(name) {
        remarks.append("`\(name)` holds text: its \(count) labels are numbered in the order in which they first appear")
      } else if source.info(name) == nil, try source.labels(name) == nil, let failure = source.obstacle(name) {
        remarks.append("\(failure.message.replacingOccurrences(of: source.path + ": ", with: "")): not used")
      }
    }
    if shape.count == 2, shape[0] < shape[1], !fits(source, frames: shape[0], cells: shape[1]) {
      remarks.append(
        "rhat has \(shape[0]) frames and \(shape[1]) cells: are the arrays transposed? They are (time, cell); if so, save `rhat.T` and `robs.T`"
      )
    }
    return remarks
  }

  /// Whether another array says that the axes are as they are.
  private static func fits(_ source: any LabelledArrays, frames: Int, cells: Int) -> Bool {
    func count(_ name: String) -> Int? { source.info(name)?.count ?? (try? source.labels(name))?.count }
    return ["cid", "cids"].contains { count($0) == cells }
      || ["idx", "trial", "trial_inds", "trial_bin", "psth_inds"].contains { count($0) == frames }
  }

  private static func kind(_ name: String, _ source: any LabelledArrays) -> String {
    guard let failure = source.obstacle(name) else { return "" }
    for what in ["Python objects", "text", "complex numbers"] where failure.message.contains("holds \(what)") {
      return " (\(what))"
    }
    return failure.message.contains("records, dates or complex numbers") ? " (no real numbers)" : " (can't be read)"
  }
}
