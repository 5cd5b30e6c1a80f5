import Base
import Formats
import Foundation
import Help
import Language
import Rendering
import Session
import Workspace

/// Runs examples on the demo's data, for the snapshots of what they print.
public struct ExampleRun {
  private let commands: CommandTable

  public init(_ commands: CommandTable) { self.commands = commands }

  /// Lines of an output that are kept.
  static let shownLines = 14

  /// What an example gives, without times and places of this machine.
  ///
  /// - Parameter template: the folder with the demo's checkpoints and recordings.
  public func output(of command: String, template: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.path + "/vcsh-example-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let session = Session(workspace: try Workspace.create(at: folder, payloads: AllKinds.payloads), commands: commands)
    session.folder = folder
    for part in ["checkpoints", "recordings", "runs"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/\(part)", withDestinationPath: "\(template)/\(part)")
    }
    let windows = Tensor(shape: [4, 1, 18, 25, 25], values: (0..<4 * 18 * 625).map { Float($0 % 97) / 97 - 0.5 })
    // Counts of the 24 cells of head 0, for `gradients`.
    let counts = Tensor(shape: [4, 24], values: (0..<96).map { Float($0 % 5 == 0 ? 1 : 0) })
    try NpzWriter.write([NamedArray("stim", windows), NamedArray("y", counts)], to: folder + "/windows.npz")
    let opening = """
      open checkpoints/twin.ckpt as twin
      open recordings/Sim_2025-01-17 as sim
      open recordings/Nova_2025-02-03 as nova
      """
    _ = try run(opening, in: session)
    let text = try run(command, in: session).map { Renderer(.batch()).render(Self.steady($0, folder)) }.joined()
    return Self.cut(Self.steady(text, folder))
  }

  /// Runs every command's examples and writes what they print, one snapshot file a command.
  ///
  /// - Parameter folder: is created where it is missing.
  public func writeSnapshots(into folder: String, template: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for command in commands.all where !command.examples.isEmpty {
      let entries = try command.examples.map {
        ExampleSnapshot.Entry(command: $0.command, output: try output(of: $0.command, template: template))
      }
      let path = folder + "/" + ExampleSnapshot.fileName(for: command.signature.name)
      try TableFile.write(text: ExampleSnapshot(entries).text, to: path, span: nil)
    }
  }

  /// Where the snapshot files lie among the installed folders.
  public static var snapshotFolder: String { ExampleSnapshot.folder }

  /// Runs all of the text; the values that a batch would print.
  private func run(_ text: String, in session: Session) throws -> [Value] {
    let sink = Values()
    // Unchecked: an example may name what its own first half makes, such as an entry by its number.
    let program = try Parser.parse(SourceText(text, name: "<example>"), signatures: commands.signatures)
    _ = try EntryRunner(in: session, sink: sink, origin: { _ in "example" }).run(program)
    return sink.values
  }

  /// Collects what entries yield; their failures end the run.
  private final class Values: EntrySink {
    private(set) var values: [Value] = []

    private func add(_ value: Value) { if value != .null { values.append(value) } }
    func within(_ value: Value, of statement: Statement, entry number: Int64) { add(value) }
    /// Only the value that replaces a view stays.
    func view(_ view: Value) {}
    func value(_ value: Value, of entry: FinishedEntry) { add(value) }
    /// An example may show a check that finds something.
    func failedCheck(_ failure: Failure, after value: Value, of entry: FinishedEntry) { add(value) }
    func failure(_ failure: Failure, of entry: FinishedEntry?) throws { throw failure }
  }

  // MARK: What differs from run to run

  private static let moments: Set<String> = ["started", "taken", "created", "used", "time"]

  private static func steady(_ value: Value, _ folder: String) -> Value {
    switch value {
    case .table(let table):
      return .table(Table(table.columns.map { steady($0) }, note: table.note))
    case .record(let record):
      return .record(
        Record(
          record.fields.map { field in
            (field.name, field.name == "seconds" ? .double(0.1) : steady(field.value, folder))
          }))
    default: return value
    }
  }

  private static func steady(_ column: Column) -> Column {
    if column.name == "seconds", let numbers = column.numbers {
      return Column(column.name, numbers.map { $0.map { _ in 0.1 } }, unit: column.unit)
    }
    guard moments.contains(column.name), case .string(let texts) = column.values else { return column }
    return Column(column.name, texts.map { $0.map { _ in "2026-01-31 12:00" } })
  }

  private static func steady(_ text: String, _ folder: String) -> String {
    text.replacing(folder + "/", with: "").replacing(folder, with: ".")
      .replacing(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?/, with: "2026-01-31 12:00")
      .replacing(/vcsh session [0-9A-F]{8}, \d{4}-\d\d-\d\d/, with: "vcsh session 0123ABCD, 2026-01-31")
  }

  private static func cut(_ text: String) -> String {
    var lines = text.components(separatedBy: "\n").map { line in
      String(line.reversed().drop(while: \.isWhitespace).reversed())
    }
    while lines.last == "" { lines.removeLast() }
    guard lines.count > shownLines else { return lines.joined(separator: "\n") }
    let rest = lines.count - shownLines + 1
    return (lines.prefix(shownLines - 1) + ["… \(rest) more lines"]).joined(separator: "\n")
  }
}
