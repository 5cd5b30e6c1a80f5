import Base
import Foundation
import Synchronization
import Terminal
import TestSupport

#if canImport(Glibc)
  import Glibc
#endif

/// A line editor that runs on a thread of this process, with a terminal that tests type into.
///
/// readline has one state for the whole process, so there is one session, and the tests that use it take turns.
final class EditorSession: @unchecked Sendable {
  static let shared = EditorSession()

  let terminal: PseudoTerminal?
  private let results = Mutex<[LineResult]>([])

  private static let words = ["help", "head", "neuron", "neurons", "étage", "Sim_2025-01-10", "日本語"]

  private init() {
    setenv("TERM", "xterm", 1)
    setenv("INPUTRC", "/dev/null", 1)
    setenv("LC_ALL", "C.UTF-8", 1)
    terminal = try? PseudoTerminal(columns: 60, rows: 40)
    guard let terminal else { return }
    let device = open(terminal.devicePath, O_RDWR | O_NOCTTY | O_CLOEXEC)
    Interrupts.install()
    Thread.detachNewThread { [self] in run(on: device) }
  }

  private func run(on device: Int32) {
    let editor = LineEditor(input: device, output: device, history: ["from an earlier session"]) { line, cursor in
      let before = line.prefix(cursor)
      let start =
        before.lastIndex { $0 == " " || $0 == "\n" }.map { before.distance(from: before.startIndex, to: $0) + 1 } ?? 0
      let word = before.dropFirst(start)
      if word == "work" {
        // Stands for a command that runs on this thread until Ctrl-C.
        let end = Date().addingTimeInterval(5)
        while !Interrupts.cancellation.isCancelled, Date() < end { usleep(1000) }
        return Completion(
          start: start, candidates: [Interrupts.cancellation.isCancelled ? "work-cancelled" : "work-done"])
      }
      if word == "lines" {
        return Completion(start: start, candidates: ["lines-above-\(before.filter { $0 == "\n" }.count)"])
      }
      if word.hasPrefix("folder") { return Completion(start: start, candidates: ["folder/"], appendSpace: false) }
      if word == "many" { return Completion(start: start, candidates: (0..<250).map { "many\($0)" }) }
      return Completion(start: start, candidates: Self.words.filter { $0.hasPrefix(word) })
    }
    while true {
      let result = editor.readLine(
        prompt: "\u{1b}[36mvcsh>\u{1b}[0m ", continuation: "..... ", isComplete: { !$0.hasSuffix("|") })
      results.withLock { $0.append(result) }
    }
  }

  /// Types and waits for what the editor returns; nil if it still reads on.
  func type(_ keys: String..., timeout: Double = 30) -> LineResult? {
    guard let terminal else { return nil }
    let before = results.withLock { $0.count }
    for key in keys.dropLast() { press(key) }
    waitForEditor()
    if let key = keys.last { terminal.send(key) }
    _ = terminal.waitUntil(timeout: timeout) { _ in results.withLock { $0.count } > before }
    return results.withLock { $0.count > before ? $0[before] : nil }
  }

  /// Until the editor reads: what is typed before goes to the terminal, which has a meaning of its own for Ctrl-R.
  private func waitForEditor() {
    guard let terminal, terminal.isCooked else { return }
    _ = terminal.waitUntil(timeout: 30) { _ in !terminal.isCooked }
  }

  /// Types as a hand does: the editor has answered to one key before the next comes. Keys without an answer (an open
  /// paste) wait a moment.
  func press(_ keys: String...) {
    guard let terminal else { return }
    waitForEditor()
    for key in keys {
      let before = terminal.transcript.count
      terminal.send(key)
      _ = terminal.waitUntil(timeout: 0.5) { _ in terminal.transcript.count > before }
      _ = terminal.waitUntil(timeout: 0.03) { _ in false }
    }
  }

  /// Ctrl-C. The terminal does not control this process, so the signal is sent as the terminal would.
  func interrupt() -> LineResult? {
    let before = results.withLock { $0.count }
    kill(getpid(), SIGINT)
    _ = terminal?.waitUntil(timeout: 30) { _ in results.withLock { $0.count } > before }
    return results.withLock { $0.count > before ? $0[before] : nil }
  }
}
