import Base
import Inspection
import Language
import Session
import Twin

/// Lists what a file of unknown origin holds.
struct InspectCommand: Command {
  static let signature = Signature(
    "inspect", in: "objects", "Lists what a file holds, and whether Python would execute code from it"
  )
  .argument(
    "path", .path,
    "A file of torch.save, a pickle, a .safetensors, .npy, .npz, YAML or JSON file; its content decides, not its name"
  )
  .returns(.table(columns.signatures))
  .searchTerms(
    "pickle", "safe", "security", "malicious", "trust", "callables", "contents", "tensors", "entries", "hparams",
    "torch", "safetensors", "npz", "yaml", "json", "zip", "untrusted"
  )
  .details(
    """
    vcsh never executes anything from a file. It reads a pickle as a list of instructions and shows the classes and functions \
    that Python would call. It compares checksums, where the format has them, by reading the file once; it keeps no \
    array in memory.

    The first row is the file itself, with the verdict:
    plain data: every class and function that the file names makes data only.
    unknown records: vcsh does not know some of them, and keeps them as records. Python would import and call them, so \
    load such a file in Python only if you trust its origin.
    would execute code in Python: the file names functions that run programs or code, or open files or connections. Do not \
    load it in Python without `weights_only=True`.

    The verdict compares names with lists. A class that is unknown to vcsh can do anything when Python loads it.

    A file that breaks a rule of its format is refused: the error names the rule and the place, and the exit status is 1.
    """)

  static let examples = [
    Example("inspect checkpoints/twin.ckpt | head 6", "Is it safe to load in Python?"),
    Example(
      "inspect checkpoints/twin.ckpt | where part == 'callable' | select name verdict detail",
      "Every class and function that the file names"),
    Example(
      "inspect checkpoints/twin.ckpt | where part == 'tensor' | sort bytes --reverse | head 3 | select name type shape bytes",
      "The largest tensors"),
    Example("inspect recordings/multi_sim_120_all.yaml | head 8", "The settings of a YAML file"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let inspection: Inspection
    do {
      inspection = try Inspection(path: session.absolute(call.string("path")))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "path"))
    }
    let file = Row(
      part: "file", name: try call.string("path"), type: inspection.format, bytes: inspection.byteCount,
      verdict: inspection.verdict, detail: Self.summary(inspection))
    return .table(Self.columns.table([file] + inspection.parts.map(Row.init)))
  }

  private static func summary(_ inspection: Inspection) -> String {
    let counts = InspectedPart.Kind.allCases.compactMap { kind in
      let count = inspection.parts.count { $0.kind == kind }
      let word = count == 1 ? kind.rawValue : kind == .entry ? "entries" : kind.rawValue + "s"
      return count == 0 ? nil : "\(count) \(word)"
    }
    return counts.isEmpty ? "empty" : counts.joined(separator: ", ")
  }

  struct Row {
    var part: String
    var name: String
    var type: String?
    var shape: String?
    var bytes: Int?
    var verdict: Verdict?
    var detail: String?
  }

  static let columns = TableShape<Row>([
    .string("part", "file, callable, setting, object, tensor, entry or note") { $0.part },
    .string("name", "Place of the part in the file; empty for the file's only value") { $0.name },
    .string("type", "Type of the elements or the value; of an entry, how it is compressed") { $0.type },
    .string("shape", "Sizes of a tensor; `scalar` for a single number") { $0.shape },
    .int("bytes", "Bytes of its values; of an entry, its bytes in the file") { $0.bytes },
    .string("verdict", "plain data, unknown records, or would execute code in Python") { $0.verdict?.rawValue },
    .string("detail", "The value, or what is to be known about the part") { $0.detail },
  ])
}

extension InspectCommand.Row {
  init(_ part: InspectedPart) {
    self.init(
      part: part.kind.rawValue, name: part.name, type: part.type, shape: part.shape.map(TensorText.shape),
      bytes: part.byteCount, verdict: part.verdict, detail: part.detail)
  }
}
