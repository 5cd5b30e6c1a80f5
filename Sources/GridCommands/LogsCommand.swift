import Base
import Grids
import Language
import Session

/// Shows what a job printed.
struct LogsCommand: Command {
  static let signature = Signature("logs", in: "training", "Shows the end of what a job printed")
    .effect(.session(.reports))
    .argument("batch", .word("batch"), "The batch")
    .argument("job", .word("job"), "The job, by name or number")
    .flag("lines", .int, default: .int(40), "How many lines from the end")
    .returns(.table(columns.signatures))
    .searchTerms("output", "stderr", "stdout", "error", "traceback", "slurm", "why")
    .details("A job that was started again has the output of all its starts in one log.")

  static let columns = TableShape<(Int, String)>([
    .int("line", "Number of the line, from 1") { $0.0 },
    .string("text", "What it says") { $0.1 },
  ])

  static let examples: [Example] = []

  /// A log may be endless: of a larger one only the end is read.
  private static let limit = 4 << 20

  func run(_ call: Call, in session: Session) throws -> Value {
    let batch = try session.batch(named: call.string("batch"), at: call.span(of: "batch"))
    let job = try batch.numbers(of: [call.string("job")], at: call.span(of: "job"))[0]
    let count = try call.int("lines")
    guard count >= 1 else { throw Failure(.usage, "--lines must be at least 1", span: call.span(of: "lines")) }
    let path = batch.log(job)
    let file: RegularFile
    do {
      file = try RegularFile(path: path)
    } catch let failure as Failure where failure.kind == .missing {
      return .table(Self.columns.table([], note: "\(batch.jobs[job - 1].name) has not printed anything"))
    }
    let start = max(0, file.size - Self.limit)
    let text = String(decoding: try file.read(start..<file.size), as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).dropLast(
      text.last?.isNewline == true ? 1 : 0)
    let shown = lines.enumerated().suffix(count)
    let note =
      start > 0
      ? "the last \(shown.count) lines of \(path); numbers count from its last 4 MB"
      : "\(shown.count) of \(lines.count) lines of \(path)"
    return .table(Self.columns.table(shown.map { ($0.offset + 1, String($0.element)) }, note: note))
  }
}
