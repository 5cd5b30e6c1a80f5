import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A terminal of our own: a program runs in it, or its near end is read in this process.
///
/// Not for several threads at once.
public final class PseudoTerminal {
  public enum Problem: Error {
    case noTerminal
    case notStarted(Int32)
  }

  /// POSIX_SPAWN_SETSID of glibc, which its headers show only with GNU extensions.
  private static let startsSession: Int32 = 0x80

  /// The far end: what a user's keyboard and screen are connected to.
  private let master: Int32
  /// The near end's device.
  public let devicePath: String
  private var screen: Screen
  private var process: pid_t = 0
  private var status: Int32?

  /// The program that runs in it; 0 where none does.
  public var processID: pid_t { process }

  /// Everything that was written, codes included.
  public private(set) var transcript: [UInt8] = []

  /// A terminal in which nothing runs yet.
  public init(columns: Int = 80, rows: Int = 24) throws {
    var near: Int32 = -1
    var far: Int32 = -1
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&far, &near, nil, nil, &size) == 0 else { throw Problem.noTerminal }
    defer { close(near) }
    // Programs that other tests start at this moment must not hold this terminal open.
    _ = fcntl(far, F_SETFD, FD_CLOEXEC)
    _ = fcntl(near, F_SETFD, FD_CLOEXEC)
    master = far
    devicePath = ttyname(near).map { String(cString: $0) } ?? ""
    screen = Screen(columns: columns, rows: rows)
  }

  deinit {
    terminate()
    close(master)
  }

  /// Starts a program whose standard streams and controlling terminal are a new terminal.
  ///
  /// - Parameter environment: added to a small one of its own (PATH, HOME, TERM, a UTF-8 locale).
  public static func spawn(
    _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil,
    columns: Int = 80, rows: Int = 24
  ) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(columns: columns, rows: rows)
    try terminal.start(path, arguments, environment, folder)
    return terminal
  }

  private func start(_ path: String, _ arguments: [String], _ added: [String: String], _ folder: String?) throws {
    var environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/nonexistent", "TERM": "xterm",
      "LC_ALL": "C.UTF-8", "INPUTRC": "/dev/null",
    ]
    environment.merge(added) { $1 }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that a session's leader opens becomes its controlling terminal.
    posix_spawn_file_actions_addopen(&actions, 0, devicePath, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = Self.startsSession | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let command = folder.map { ["/usr/bin/env", "-C", $0, path] } ?? [path]
    let words = (command + arguments).map { strdup($0) }
    let settings = environment.map { strdup("\($0.key)=\($0.value)") }
    defer { for pointer in words + settings { free(pointer) } }
    let code = posix_spawn(&process, command[0], &actions, &attributes, words + [nil], settings + [nil])
    guard code == 0 else {
      process = 0
      throw Problem.notStarted(code)
    }
  }

  /// Types. Control keys are their characters: `\u{03}` Ctrl-C, `\u{04}` Ctrl-D, `\t`, `\r`, `\u{1b}[A` Up.
  public func send(_ text: String) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = write(master, Array(bytes[done...]), bytes.count - done)
      if count <= 0, errno != EINTR { return }
      done += max(0, count)
    }
  }

  /// Waits until the screen (with what has scrolled off it) contains `text`.
  public func waitFor(_ text: String, timeout: Double = 30) -> Bool {
    waitUntil(timeout: timeout) { $0.contains(text) }
  }

  /// Waits until `condition` holds for the screen's text.
  public func waitUntil(timeout: Double = 30, _ condition: (String) -> Bool) -> Bool {
    let end = Date().addingTimeInterval(timeout)
    while true {
      let isOpen = drain(milliseconds: 20)
      if condition(screenText) { return true }
      if !isOpen || Date() > end { return false }
    }
  }

  /// What a user sees, from the first line on; no blanks at line ends.
  public var screenText: String { screen.text }

  /// Waits for the program's end. Nil if it still runs.
  public func waitForExit(timeout: Double = 30) -> Int32? {
    let end = Date().addingTimeInterval(timeout)
    while true {
      _ = drain(milliseconds: 20)
      if let exitStatus { return exitStatus }
      if Date() > end { return nil }
    }
  }

  /// The program's status, 128 + signal if one ended it; nil while it runs.
  public var exitStatus: Int32? {
    if let status { return status }
    var raw: Int32 = 0
    guard process > 0, waitpid(process, &raw, WNOHANG) == process else { return nil }
    let signal = raw & 0x7f
    status = signal == 0 ? (raw >> 8) & 0xff : 128 + signal
    return status
  }

  /// Sends a signal to the program.
  public func signal(_ number: Int32) { if process > 0, exitStatus == nil { kill(process, number) } }

  /// Ends the program for certain.
  public func terminate() {
    guard process > 0, exitStatus == nil else { return }
    kill(process, SIGKILL)
    var raw: Int32 = 0
    if waitpid(process, &raw, 0) == process { status = 128 + SIGKILL }
  }

  /// Whether the terminal echoes and waits for whole lines, as a shell finds it and expects it back.
  public var isCooked: Bool {
    var settings = termios()
    guard tcgetattr(master, &settings) == 0 else { return false }
    return settings.c_lflag & UInt32(ICANON | ECHO) == UInt32(ICANON | ECHO)
  }

  /// Takes in what was written; false once the near end is closed.
  private func drain(milliseconds: Int32) -> Bool {
    var source = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    var wait = milliseconds
    var isEnd = false
    while poll(&source, 1, wait) > 0 {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(master, &buffer, buffer.count)
      if count <= 0 {
        if isEnd { return false }
        // The end may be told a moment before what the program wrote last.
        isEnd = true
        usleep(20_000)
        continue
      }
      transcript += buffer[..<count]
      screen.take(buffer[..<count])
      wait = 0
    }
    return true
  }
}

/// As much of a terminal as line editors, progress bars and pagers use.
private struct Screen {
  private let columns: Int
  private let rows: Int
  private var lines: [[Character]] = [[]]
  private var row = 0
  private var column = 0
  private var pending: [UInt8] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  var text: String {
    lines.map { line in
      var line = line[...]
      while line.last == " " { line.removeLast() }
      return String(line)
    }.joined(separator: "\n")
  }

  mutating func take(_ bytes: ArraySlice<UInt8>) {
    pending += bytes
    // A character or code may be cut in two between reads: the rest waits.
    while let used = step() { pending.removeFirst(used) }
  }

  /// Interprets what stands at the front; returns its length, nil if it is not whole.
  private mutating func step() -> Int? {
    guard let first = pending.first else { return nil }
    switch first {
    case 0x1b: return escape()
    case 0x0d: column = 0
    case 0x0a: move(to: row + 1)
    case 0x08: column = max(0, column - 1)
    case 0x09: column = min(columns - 1, (column / 8 + 1) * 8)
    case 0..<0x20: break
    default:
      let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
      guard pending.count >= length else { return nil }
      put(Character(String(decoding: pending[..<length], as: UTF8.self)))
      return length
    }
    return 1
  }

  private mutating func escape() -> Int? {
    guard pending.count > 1 else { return nil }
    guard pending[1] == UInt8(ascii: "[") else { return 2 }
    guard let end = pending.indices.dropFirst(2).first(where: { (0x40...0x7e).contains(pending[$0]) }) else {
      return nil
    }
    let parameters = String(decoding: pending[2..<end], as: UTF8.self)
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }
    let count = max(1, (numbers.first ?? nil) ?? 1)
    let mode = (numbers.first ?? nil) ?? 0
    let top = max(0, lines.count - rows)
    switch pending[end] {
    case UInt8(ascii: "A"): row = max(0, row - count)
    case UInt8(ascii: "B"): move(to: row + count)
    case UInt8(ascii: "C"): column = min(columns - 1, column + count)
    case UInt8(ascii: "D"): column = max(0, column - count)
    case UInt8(ascii: "G"): column = min(columns, count) - 1
    case UInt8(ascii: "H"):
      move(to: top + count - 1)
      column = numbers.count > 1 ? max(1, numbers[1] ?? 1) - 1 : 0
    case UInt8(ascii: "K"): erase(in: row, mode)
    case UInt8(ascii: "J"):
      if mode == 0 {
        erase(in: row, 0)
        lines.removeLast(lines.count - row - 1)
      } else {
        for line in top..<lines.count { lines[line] = [] }
      }
    case UInt8(ascii: "P"):
      lines[row].removeSubrange(min(column, lines[row].count)..<min(column + count, lines[row].count))
    case UInt8(ascii: "@"):
      if column < lines[row].count { lines[row].insert(contentsOf: Array(repeating: " ", count: count), at: column) }
    default: break
    }
    return end + 1
  }

  private mutating func move(to target: Int) {
    row = target
    while lines.count <= row { lines.append([]) }
  }

  private mutating func erase(in row: Int, _ mode: Int) {
    switch mode {
    case 0: if column < lines[row].count { lines[row].removeSubrange(column...) }
    case 1: for index in lines[row].indices.prefix(column + 1) { lines[row][index] = " " }
    default: lines[row] = []
    }
  }

  private mutating func put(_ character: Character) {
    if column >= columns {
      move(to: row + 1)
      column = 0
    }
    while lines[row].count <= column { lines[row].append(" ") }
    lines[row][column] = character
    column += 1
  }
}
