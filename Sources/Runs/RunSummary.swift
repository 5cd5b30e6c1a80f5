import Base
import Formats
import RunLogs

/// What a table of runs shows of one run, and what is compared to see whether it has to be read again.
public struct RunSummary: Sendable, Equatable {
  public struct Parameter: Sendable, Equatable {
    public var name: String
    /// As text; `value` has its type.
    public var text: String
    /// Whether only the name of the experiment tells it.
    public var isFromName: Bool

    init(name: String, text: String, isFromName: Bool) {
      (self.name, self.text, self.isFromName) = (name, text, isFromName)
    }

    public init(_ name: String, _ node: ConfigNode, isFromName: Bool = false) {
      self.name = name
      self.isFromName = isFromName
      text = RunParameterText.text(node)
    }

    public var value: Value { RunParameterText.value(text) }
  }

  /// Its name in the set: unique.
  public var run = ""
  /// What it calls itself, and its id.
  public var name: String?
  public var id: String?
  /// The name that the trainer's script gave the experiment, as far as its folder tells.
  public var experimentName: String {
    get { givenName ?? folder.lastComponent }
    set { givenName = newValue == folder.lastComponent ? nil : newValue }
  }
  /// Nil where it is the name of its folder.
  var givenName: String? = ""
  public var kind: RunKind
  /// Relative to the folder that was searched.
  public var folder: String
  public var files: [String]
  public var state = RunState.unknown
  public var evidence = ""
  /// From when on its state has to be told anew although no file has changed, in seconds since 1970: it depends on the age of
  /// its log.
  var settlesAt: Double?
  /// Completed epochs.
  public var epochs: Int?
  public var metric: RankingMetric?
  public var best: Double?
  public var started: Double?
  public var ended: Double?
  public var hours: Double?
  public var parameters: [Parameter] = []
  /// What is damaged or odd; the reason where the run can't be read.
  public var remarks: [String] = []
  public var isBroken = false
  public var checkpoints: [RunCheckpoint] = []
  /// Sizes and times of its files when they were read.
  public var stamp = ""
  /// What a later look needs of its folder.
  var place = FolderNames()
  /// What its log alone tells of the end, where the other trials of its experiment tell more.
  private(set) var loggedEnd: LoggedEnd?

  struct LoggedEnd: Sendable, Equatable {
    var state: RunState
    var evidence: String
  }

  public init(kind: RunKind, folder: String, files: [String]) {
    self.kind = kind
    self.folder = folder
    self.files = files
  }

  mutating func settle(_ state: RunState, _ evidence: String) {
    if loggedEnd == nil { loggedEnd = LoggedEnd(state: self.state, evidence: self.evidence) }
    (self.state, self.evidence) = (state, evidence)
  }

  /// The folders of its logs: a run of W&B that was resumed has several, of which `folder` is the first.
  public var folders: [String] {
    guard files.count > 1 else { return [folder] }
    let above = folder.folderAbove
    let beside = files.filter { $0.hasPrefix(WandbResumes.beside) }
      .map { String($0.dropFirst(WandbResumes.beside.count)).folderAbove }
    return [folder] + beside.map { above.isEmpty ? $0 : above + "/" + $0 }
  }

  public func parameter(_ name: String) -> Value? { parameters.first { $0.name == name }?.value }

  /// The folder above: trials of one experiment share it.
  public var experiment: String { folder.folderAbove }
}

/// Everything in a folder, and the folder's own stamp, where nothing but a change of its names makes another run of it; else
/// empty. Runs are the same whatever it says.
struct FolderNames: Sendable, Equatable {
  var names: [String] = []
  var stamp = ""

  static func == (a: Self, b: Self) -> Bool { true }
}

/// Values of settings as text and back.
enum RunParameterText {
  static func text(_ node: ConfigNode) -> String {
    switch node {
    case .null: "None"
    case .bool(let value): value ? "True" : "False"
    case .int(let value): String(value)
    case .double(let value): NumberText.exact(value)
    case .string(let value): value
    case .list(let items): "[" + items.map(text).joined(separator: ", ") + "]"
    case .map(let entries): "{" + entries.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ") + "}"
    }
  }

  static func value(_ text: String) -> Value {
    switch text {
    case "None", "null", "": .null
    case "True", "true": .bool(true)
    case "False", "false": .bool(false)
    default: Int(text).map { .int($0) } ?? NumberField.number(text).map { .double($0) } ?? .string(text)
    }
  }
}
