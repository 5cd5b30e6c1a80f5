import Base
import Foundation

/// Jobs that were handed to an engine together, as a folder on disk holds them.
public struct Batch: Codable, Sendable, Equatable {
  public enum Engine: String, Codable, Sendable, CaseIterable { case local, slurm }

  public struct Job: Codable, Sendable, Equatable {
    public var name: String
    /// The digest of the configuration that it trains with, for a grid's run.
    public var digest: String?
    /// The file that it must leave behind; nil where its exit status is all that tells.
    public var result: String?
    /// A grid run's level on each axis, by the axis's path.
    public var levels: [String: String]?

    package init(name: String, digest: String? = nil, result: String? = nil, levels: [String: String]? = nil) {
      (self.name, self.digest, self.result, self.levels) = (name, digest, result, levels)
    }
  }

  /// Jobs that were started together: all of them, or those of a retry. Jobs are counted from 1.
  public struct Submission: Codable, Sendable, Equatable {
    public var jobs: [Int]
    /// Slurm's number; nil for the local engine.
    public var slurm: String?
    /// How many jobs of the local engine run at once.
    public var slots: Int?

    package init(jobs: [Int], slurm: String? = nil, slots: Int? = nil) {
      (self.jobs, self.slurm, self.slots) = (jobs, slurm, slots)
    }
  }

  public var name: String
  public var engine: Engine
  public var jobs: [Job]
  public var submissions: [Submission] = []
  /// The folder of the batch that these jobs wait for.
  public var after: String?
  /// What Slurm is asked for each job.
  package var resources: SlurmResources?
  /// Where it lies: not written.
  package var folder = ""

  private enum CodingKeys: String, CodingKey { case name, engine, jobs, submissions, after, resources }

  package init(name: String, engine: Engine, jobs: [Job], folder: String) {
    (self.name, self.engine, self.jobs, self.folder) = (name, engine, jobs, folder)
  }

  // MARK: Files

  /// - Throws: `missing` where there is no batch; `format` where its record can't be read.
  package init(folder: String) throws {
    let path = folder + "/batch.json"
    let data = try RegularFile(path: path).contents()
    do {
      self = try JSONDecoder().decode(Batch.self, from: data)
    } catch {
      throw Failure(.format, "\(path): the record of the batch can't be read", hint: "was it written by a newer vcsh?")
    }
    self.folder = folder
  }

  package func save() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(self), to: folder + "/batch.json")
  }

  /// The batches below a workspace's folder of jobs, by name.
  package static func all(in folder: String) -> [Batch] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      .compactMap { try? Batch(folder: folder + "/" + $0) }
  }

  package func log(_ job: Int) -> String { "\(folder)/logs/\(job).log" }
  /// The folder in which a job works.
  package func home(_ job: Int) -> String {
    "\(folder)/work/\(jobs.indices.contains(job - 1) ? jobs[job - 1].name : "")"
  }

  /// The last submission of each job; nil for one that was never submitted.
  package var latest: [Int?] {
    var latest = [Int?](repeating: nil, count: jobs.count)
    for (index, submission) in submissions.enumerated() {
      for job in submission.jobs where latest.indices.contains(job - 1) { latest[job - 1] = index }
    }
    return latest
  }

  /// The runs of grids that jobs below a folder have done: with their hours.
  package static func knownRuns(in folder: String) -> [KnownRun] {
    all(in: folder).flatMap { batch -> [KnownRun] in
      guard batch.jobs.contains(where: { $0.digest != nil }) else { return [] }
      let records = TaskRecords(batch)
      return batch.jobs.enumerated().compactMap { index, job in
        guard let digest = job.digest, let end = records.end(index + 1), end.code == 0, records.hasResult(index + 1)
        else {
          return nil
        }
        let hours = records.start(index + 1).map { (end.time - $0.time) / 3600 }
        return KnownRun(
          job: "\(batch.name)/\(job.name)", hours: hours, digest: digest, levels: job.levels ?? [:])
      }
    }
  }
}
