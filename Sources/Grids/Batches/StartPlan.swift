import Base

/// Jobs that are to start, and what they wait for: the jobs of the batch before that are not done yet.
package struct StartPlan: Sendable, Equatable {
  /// Jobs that are handed over together, with the dependency in Slurm's words.
  package struct Group: Sendable, Equatable {
    package var jobs: [Int]
    package var dependency: String?
  }

  package private(set) var groups: [Group]
  /// Jobs that would wait for ever, because what they wait for has failed: they are not handed over.
  package private(set) var blocked: [Int] = []

  package var jobs: [Int] { groups.flatMap(\.jobs) }

  /// Jobs that wait for nothing.
  init(_ jobs: [Int]) { groups = [Group(jobs: jobs, dependency: nil)] }

  /// Each job after its own where both batches have the same jobs; all after all else.
  ///
  /// A job of the batch before that was started again counts under Slurm's newest number for it. One that is done is waited for
  /// no more: Slurm forgets it, and would not know the dependency.
  ///
  /// - Throws: `mismatch` where a job of the batch before has no number.
  init(_ jobs: [Int], of batch: Batch, after other: BatchStatus) throws {
    let before = other.batch
    let latest = before.latest
    func number(_ job: Int) throws -> String {
      guard latest.indices.contains(job - 1), let submission = latest[job - 1],
        let number = before.submissions[submission].slurm
      else {
        throw Failure(.mismatch, "`\(before.name)` was not handed to Slurm, so nothing there can wait for it")
      }
      return number
    }
    groups = []
    guard before.jobs.map(\.name) == batch.jobs.map(\.name) else {
      guard !other.jobs.contains(where: \.state.isFailure) else {
        blocked = jobs
        return
      }
      guard batch.engine == .slurm else {
        groups = [Group(jobs: jobs, dependency: nil)]
        return
      }
      var words: [String] = []
      let open = Dictionary(grouping: try other.jobs.filter { $0.state != .done }.map { ($0.job, try number($0.job)) })
      {
        $0.1
      }
      for (number, waiting) in open.sorted(by: { ($0.value.first?.0 ?? 0) < ($1.value.first?.0 ?? 0) }) {
        let submission = before.submissions.firstIndex { $0.slurm == number }
        // Of an array some of whose jobs were started again under another number, only the others count.
        let isWhole = submission.map { index in
          before.submissions[index].jobs.allSatisfy { latest.indices.contains($0 - 1) && latest[$0 - 1] == index }
        }
        words += isWhole == true ? [number] : waiting.map { "\(number)_\($0.0)" }
      }
      groups = [Group(jobs: jobs, dependency: words.isEmpty ? nil : "afterok:" + words.joined(separator: ":"))]
      return
    }
    for job in jobs {
      guard other.jobs.indices.contains(job - 1) else { continue }
      let state = other.jobs[job - 1].state
      guard !state.isFailure else {
        blocked.append(job)
        continue
      }
      let dependency = state == .done || batch.engine == .local ? nil : "aftercorr:" + (try number(job))
      if let index = groups.firstIndex(where: { $0.dependency == dependency }) {
        groups[index].jobs.append(job)
      } else {
        groups.append(Group(jobs: [job], dependency: dependency))
      }
    }
  }
}
