import Base
import Foundation
import Grids
import Language
import Session

extension Session {
  /// The folder of the workspace that holds batches.
  var batchFolder: String { workspace.root + "/jobs" }

  /// - Throws: `missing` where there is no batch of this name.
  func batch(named name: String, at span: SourceSpan) throws -> Batch {
    let known = Batch.all(in: batchFolder)
    guard let batch = known.first(where: { $0.name == name }) else {
      throw Failure(
        .missing, "no batch of jobs named `\(name.shortened)`",
        hint: Suggestion.hint(for: name, among: known.map(\.name))
          ?? (known.isEmpty ? "`submit` makes one" : "`jobs` lists them"), span: span)
    }
    return batch
  }
}

extension Batch {
  /// What is to be said of jobs that were not started; nil where all were.
  func remark(on plan: StartPlan) -> String? {
    guard !plan.blocked.isEmpty, let after else { return nil }
    let other = (after as NSString).lastPathComponent
    return
      "\(plan.blocked.count) of \(jobs.count) jobs were not started, because what they wait for has failed: `retry \(other) --failed`, then `retry \(name) --failed`"
  }

  /// The numbers of jobs that are given by name or number.
  ///
  /// - Throws: `missing` for one that the batch does not have.
  func numbers(of words: [String], at span: SourceSpan) throws -> [Int] {
    try words.map { word in
      if let index = jobs.firstIndex(where: { $0.name == word }) { return index + 1 }
      if let number = Int(word), jobs.indices.contains(number - 1) { return number }
      throw Failure(
        .missing, "`\(name)` has no job `\(word.shortened)`",
        hint: Suggestion.hint(for: word, among: jobs.map(\.name)) ?? "its jobs are 1 to \(jobs.count): `jobs \(name)`",
        span: span)
    }
  }
}
