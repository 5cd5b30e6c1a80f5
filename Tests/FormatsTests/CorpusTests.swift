import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Genuine and hostile files")
struct CorpusTests {
  /// Formats that vcsh knows and refuses: `load` is not asked of them.
  private static let unread: Set<String> = ["hdf5"]

  private static func rows(_ isWanted: (Corpus.Row) -> Bool) -> [Corpus.Row] {
    (Corpus.shared?.rows ?? []).filter(isWanted)
  }

  /// Opens a file and reads every array in it; nil where that works.
  private func refusal(_ row: Corpus.Row) throws -> Failure? {
    let corpus = try #require(Corpus.shared)
    do {
      _ = try WholeFile(path: corpus.path(row.path))
      return nil
    } catch let failure as Failure {
      return failure
    }
  }

  @Test("The corpus has 703 files")
  func whole() throws { #expect(Corpus.shared?.rows.count == 703) }

  /// The rows for a loop, of which there must be some.
  private func present(_ isWanted: (Corpus.Row) -> Bool) throws -> [Corpus.Row] {
    let rows = Self.rows(isWanted)
    try #require(!rows.isEmpty)
    return rows
  }

  @Test("Genuine files open, and every array in them reads")
  func genuine() throws {
    for row in try present({ $0.expected == "load" && !Self.unread.contains($0.format) }) {
      let failure = try refusal(row)
      #expect(failure == nil, "\(row.path): \(failure?.description ?? "")")
    }
  }

  @Test("Broken files are refused in one line that names the file")
  func broken() throws {
    for row in try present({ $0.expected == "refuse" }) {
      let failure = try refusal(row)
      #expect(failure != nil, "\(row.path)")
      #expect(failure?.message.contains(row.path) == true && failure?.message.contains("\n") == false, "\(row.path)")
    }
  }

  @Test("Files with callables open; pickles have the names and calls as records in their tree")
  func callables() throws {
    let corpus = try #require(Corpus.shared)
    for row in try present({ $0.expected == "opaque" && $0.format != "yaml" }) {
      #expect(holdsCallable(try TorchArchive(path: corpus.path(row.path)).root), "\(row.path)")
    }
    for row in try present({ $0.expected == "opaque" && $0.format == "yaml" }) {
      #expect(try refusal(row) == nil, "\(row.path)")
    }
  }

  @Test("Files that may open or be refused do one of the two, and a refusal names the file")
  func either() throws {
    for row in try present({ $0.expected == "either" }) {
      let failure = try refusal(row)
      #expect(failure?.message.contains(row.path) ?? true, "\(row.path): \(failure?.description ?? "")")
    }
  }

  /// Whether a class, a function or a call stands anywhere in a tree.
  private func holdsCallable(_ root: PickleValue) -> Bool {
    var open = [root]
    var budget = 10_000
    while let value = open.popLast(), budget > 0 {
      budget -= 1
      switch value.kind {
      case .global, .object: return true
      case .list(let items), .tuple(let items), .set(let items): open += items
      case .dict(let entries): open += entries.flatMap { [$0.key, $0.value] }
      default: break
      }
    }
    return false
  }

  @Test("HDF5 files are refused with a remedy", arguments: rows { unread.contains($0.format) })
  func hdf5(_ row: Corpus.Row) throws {
    let failure = try #require(try refusal(row))
    // Seven bytes are one too few to be recognised.
    let isRecognised = !row.path.hasSuffix("trunc_7.h5")
    #expect((failure.kind == .unsupported) == isRecognised)
    #expect((failure.hint?.contains("h5py") == true) == isRecognised)
  }

  @Test("A call of os.system is a record with its name and argument")
  func system() throws {
    let corpus = try #require(Corpus.shared)
    let root = try TorchArchive(path: corpus.path("made/pickle/mal_system.pkl")).root
    guard case .object("os", "system", let arguments, nil) = root.kind else {
      Issue.record("\(root.kindName)")
      return
    }
    #expect(arguments.map(\.stringValue) == ["touch /tmp/vcsh_pwned"])
  }

  @Test(
    "An object reads the same from every protocol and container",
    arguments: [
      "tensor_view", "state_dict", "adam_state", "np_array_F", "np_array_be", "path", "odict", "deque", "counter",
    ])
  func protocols(_ name: String) throws {
    let corpus = try #require(Corpus.shared)
    var texts: Set<String> = []
    // Protocol 0 in a zip writes storages as Python's own text, which torch itself can't load.
    let rows = corpus.rows.filter {
      $0.path.hasPrefix("torch-zoo/\(name).") && !($0.path.hasSuffix("p0.pt") && name == "state_dict")
    }
    #expect(rows.count > 1)
    for row in rows {
      let archive = try TorchArchive(path: corpus.path(row.path))
      texts.insert(try describe(archive.root, archive))
    }
    #expect(texts.count == 1, "\(texts)")
  }

  private func describe(_ value: PickleValue, _ archive: TorchArchive) throws -> String {
    switch value.kind {
    case .tensor(let reference):
      return try "\(reference.scalar.rawValue)\(reference.shape)\(archive.doubles(reference))"
    case .dict(let entries):
      return try entries.map { try "\(describe($0.key, archive)): \(describe($0.value, archive))" }.description
    case .list(let items), .tuple(let items), .set(let items):
      return try items.map { try describe($0, archive) }.description
    case .int(let number): return "\(number)"
    case .double(let number): return "\(number)"
    case .string(let text): return text
    case .bool(let flag): return "\(flag)"
    case .null: return "None"
    default:
      Issue.record("\(value.kindName) is not compared by its content")
      return value.kindName
    }
  }
}
