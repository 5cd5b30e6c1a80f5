import Base

/// A command's name, arguments and result. Parser, checker, completion and help all use it.
public struct Signature: Sendable, Equatable {
  public struct Argument: Sendable, Equatable {
    public let name: String
    public let type: ArgumentType
    public let help: String
    /// `on` in `eval twin on sim1/gaborium`; nil for an argument without a keyword.
    public let keyword: String?
    public let isOptional: Bool
    public let isRepeating: Bool
    /// Whether it can also be given as `--NAME VALUE`.
    public let isFlagToo: Bool

    /// Its form in help: `TWIN`, `on REC/STIM`.
    public var placeholder: String {
      let label =
        switch type {
        case .stimulus: "REC/STIM"
        case .newName: "NAME"
        case .choice(let choices): choices.joined(separator: "|")
        case .object(let kinds) where !kinds.isEmpty: kinds.joined(separator: "|").uppercased()
        default: name.uppercased()
        }
      return (keyword.map { "\($0) " } ?? "") + label + (isRepeating ? "…" : "")
    }
  }

  public struct Flag: Sendable, Equatable {
    public let name: String
    public let type: ArgumentType
    public let fallback: Value?
    public let unit: String?
    public let help: String
    /// The flag that it belongs to, and how it may be written behind that one.
    let follows: (flag: String, written: String)?

    public static func == (a: Flag, b: Flag) -> Bool {
      (a.name, a.type, a.fallback, a.unit, a.help) == (b.name, b.type, b.fallback, b.unit, b.help)
    }

    /// Its form in help: `--split train|val|all`.
    public var placeholder: String {
      switch type {
      case .toggle: "--\(name)"
      case .choice(let choices): "--\(name) \(choices.joined(separator: "|"))"
      default: "--\(name) \(type.name.uppercased())"
      }
    }
  }

  public let name: String
  public let category: String
  public let summary: String
  public private(set) var arguments: [Argument] = []
  public private(set) var flags: [Flag] = []
  public private(set) var input = InputType.nothing
  public private(set) var result = ResultType.nothing
  /// Tables with other columns than those of `result`; the first one whose conditions are true is used.
  public private(set) var variants: [ResultVariant] = []
  /// What the command does to the workspace.
  public private(set) var effect = Effect.looks
  /// What it changes besides the given names and files, for dry run; see `effect(_:changing:)`.
  public private(set) var changed: String?
  public private(set) var naming: Naming?
  /// Arguments that name objects whose names the command removes, where nothing is piped.
  public private(set) var removedNames: String?
  /// Arguments and flags with paths of files that the command writes; files at other paths are read.
  public private(set) var written: [String] = []
  /// Whether its result is a message, which is shown wherever the command runs.
  public private(set) var isMessage = false
  /// Whether it takes away names, objects or changes, so that it is never suggested for another word.
  public private(set) var isDestructive = false
  public private(set) var terms: [String] = []
  /// What to do instead of a flag that other commands have and this one does not.
  public private(set) var advice: [String: String] = [:]
  /// Flags with a value that can also be given by another word: `-f` for `--file`.
  public private(set) var short: [String: String] = [:]
  /// Column flags that may name a metric of a long table instead.
  public private(set) var metricFlags: Set<String> = []
  public private(set) var detail: String?

  public init(_ name: String, in category: String, _ summary: String) {
    self.name = name
    self.category = category
    self.summary = summary
  }

  /// Adds an argument. With a keyword it is given as `KEYWORD VALUE` or `--KEYWORD VALUE`, at any position.
  public consuming func argument(
    _ name: String, _ type: ArgumentType, _ help: String, keyword: String? = nil, optional: Bool = false,
    repeating: Bool = false, orFlag: Bool = false
  ) -> Signature {
    self.arguments.append(
      Argument(
        name: name, type: type, help: help, keyword: keyword, isOptional: optional, isRepeating: repeating,
        isFlagToo: orFlag))
    return self
  }

  /// Adds a flag without a value.
  public consuming func flag(_ name: String, _ help: String) -> Signature { flag(name, .toggle, help) }

  /// Adds a flag. A flag whose type is not `.toggle` takes a value.
  public consuming func flag(
    _ name: String, _ type: ArgumentType, default fallback: Value? = nil, unit: String? = nil, _ help: String
  ) -> Signature {
    self.flags.append(Flag(name: name, type: type, fallback: fallback, unit: unit, help: help, follows: nil))
    return self
  }

  /// Lets a column flag name a metric instead, where the piped table has one number a row: columns `metric` and `value`.
  public consuming func takesMetrics(in flag: String) -> Signature {
    self.metricFlags.insert(flag)
    return self
  }

  /// Whether names in a column flag need not be columns of a table that has these.
  func mayNameMetric(_ flag: String, of columns: [String]) -> Bool {
    metricFlags.contains(flag) && columns.contains("metric") && columns.contains("value")
  }

  /// Adds a flag that belongs to another one. Behind that one it may have a shorter name, which other flags may have, too:
  /// `--fast A --every 3 --slow B --every 12`.
  public consuming func flag(
    _ name: String, of owner: String, written: String, _ type: ArgumentType, default fallback: Value? = nil,
    _ help: String
  ) -> Signature {
    self.flags.append(
      Flag(name: name, type: type, fallback: fallback, unit: nil, help: help, follows: (owner, written)))
    return self
  }

  public consuming func takes(_ input: InputType) -> Signature {
    self.input = input
    return self
  }

  public consuming func returns(_ result: ResultType) -> Signature {
    self.result = result
    return self
  }

  /// Adds a table that the command returns under conditions.
  consuming func adding(_ variant: ResultVariant) -> Signature {
    self.variants.append(variant)
    return self
  }

  /// Declares what the command does.
  ///
  /// - Parameter changed: what a dry run lists besides the given names and files. `{object}` and `{stimulus}` stand for those
  ///   that the call names.
  public consuming func effect(_ effect: Effect, changing changed: String? = nil) -> Signature {
    self.effect = effect
    self.changed = changed
    return self
  }

  /// Declares that the command names objects in the workspace, where nothing is piped into it.
  ///
  /// - Parameters:
  ///   - argument: the argument with the name; nil where no argument has it.
  ///   - kinds: the possible kinds of the object; any kind where empty.
  ///   - always: whether an object gets a name that is not known before the run if the argument is not given.
  public consuming func names(_ argument: String?, kinds: [String] = [], always: Bool = false) -> Signature {
    self.naming = Naming(argument: argument, kinds: kinds, always: always)
    return self
  }

  /// Declares that the command removes the names that this argument gives.
  public consuming func removesNames(_ argument: String) -> Signature {
    self.removedNames = argument
    return self
  }

  /// Declares that these arguments and flags are paths of files that the command writes.
  public consuming func writes(_ names: String...) -> Signature {
    self.written += names
    return self
  }

  /// Declares that the command takes something away: names, objects, changes.
  public consuming func takesAway() -> Signature {
    self.isDestructive = true
    return self
  }

  /// Declares that the command's result is a message to the user.
  public consuming func returnsMessage() -> Signature {
    self.isMessage = true
    return self
  }

  /// Words under which `help --search` finds the command.
  public consuming func searchTerms(_ terms: String...) -> Signature {
    self.terms += terms
    return self
  }

  /// The answer to a flag that the command does not have.
  public consuming func advising(_ flag: String, _ text: String) -> Signature {
    self.advice[flag] = text
    return self
  }

  /// Declares another word for a flag with a value.
  public consuming func short(_ word: String, for flag: String) -> Signature {
    self.short[word] = flag
    return self
  }

  /// A paragraph for help.
  public consuming func details(_ text: String) -> Signature {
    self.detail = text
    return self
  }

  /// One line: `eval TWIN on REC/STIM [--split train|val|all]`.
  public var usage: String { usageParts.joined(separator: " ") }

  /// What a line of usage is broken between: the name, each argument, each flag.
  public var usageParts: [String] { usageWords + flags.map { "[\($0.placeholder)]" } }

  private var usageWords: [String] {
    [name] + arguments.map { $0.isOptional ? "[\($0.placeholder)]" : $0.placeholder }
  }

  /// Its usage as a line of help for an error; where the flags make it long, `help` has them.
  ///
  /// - Parameter afterPipe: whether it needs a table from a pipe.
  public func usageHint(afterPipe: Bool = false) -> String {
    let start = "usage: " + (afterPipe ? "… | " : "")
    guard usage.count > 160 else { return start + usage }
    return start + (usageWords + ["[--FLAG …]"]).joined(separator: " ") + "; `help \(name)` lists its flags"
  }

  /// Arguments without a keyword.
  var positional: [Argument] { arguments.filter { $0.keyword == nil } }

  func argument(named name: String) -> Argument? { arguments.first { $0.name == name } }
  func argument(keyword: String) -> Argument? { arguments.first { $0.keyword == keyword } }

  /// The argument that `--NAME` gives.
  func argument(flag name: String) -> Argument? {
    arguments.first { $0.keyword == name || ($0.isFlagToo && $0.name == name.replacing("-", with: "_")) }
  }

  func flag(named name: String) -> Flag? { flags.first { $0.name == name } }

  /// The flag that a word means behind other flags.
  func flag(written word: String, behind earlier: [String]) -> Flag? {
    let candidates = flags.filter { $0.follows?.written == word }
    let owner = earlier.last { name in candidates.contains { $0.follows?.flag == name } }
    return candidates.first { owner != nil && $0.follows?.flag == owner } ?? flag(named: word)
  }

  /// The names of flags and keywords: everything that may follow `--`.
  public var flagNames: [String] {
    flags.map(\.name) + arguments.compactMap(\.keyword) + arguments.filter(\.isFlagToo).map(\.name)
  }
}

extension Signature {
  /// The names of objects that a command makes.
  public struct Naming: Sendable, Equatable {
    public let argument: String?
    public let kinds: [String]
    public let always: Bool
  }

  /// Declared naming; otherwise the argument of `as NAME`, if there is one.
  var effectiveNaming: Naming? {
    naming
      ?? arguments.first { $0.type == .newName }.map { Naming(argument: $0.name, kinds: [], always: false) }
  }
}

/// An example of a command line, which also runs as a test.
public struct Example: Sendable, Equatable {
  public let command: String
  public let note: String

  public init(_ command: String, _ note: String) {
    self.command = command
    self.note = note
  }
}
