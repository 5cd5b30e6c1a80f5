import Foundation
import Synchronization

/// `vcsh --serve` at work, and a client of it.
final class ServeSession {
  typealias Message = [String: Any]

  let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let inbox = Inbox()

  /// What came, line by line.
  private final class Inbox: Sendable {
    private let received = Mutex((bytes: Data(), lines: [String]()))

    var lines: [String] { received.withLock(\.lines) }

    func take(_ data: Data) {
      received.withLock { state in
        state.bytes += data
        while let end = state.bytes.firstIndex(of: 0x0a) {
          state.lines.append(String(decoding: state.bytes[..<end], as: UTF8.self))
          state.bytes = Data(state.bytes[state.bytes.index(after: end)...])
        }
      }
    }
  }

  init(_ workspace: String) throws {
    process.executableURL = URL(filePath: Program.path)
    process.arguments = ["--serve", "-w", workspace]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let handle = output.fileHandleForReading
    let inbox = inbox
    Thread.detachNewThread {
      while case let data = handle.availableData, !data.isEmpty { inbox.take(data) }
    }
  }

  deinit { if process.isRunning { process.terminate() } }

  func send(_ line: String) { send(Data((line + "\n").utf8)) }
  func send(_ data: Data) { try? input.fileHandleForWriting.write(contentsOf: data) }
  func closeInput() { try? input.fileHandleForWriting.close() }

  func ask(_ id: Any, _ method: String, _ params: Message = [:]) throws {
    let request: Message = ["id": id, "method": method, "params": params]
    send(String(decoding: try JSONSerialization.data(withJSONObject: request), as: UTF8.self))
  }

  /// All that came so far. Throws where a line is no JSON object.
  func messages() throws -> [Message] {
    try inbox.lines.map { line in
      guard let message = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? Message else {
        throw CocoaError(.coderInvalidValue)
      }
      return message
    }
  }

  /// The first message that fits, as soon as it has come; nil after half a minute.
  func wait(for fits: (Message) -> Bool) throws -> Message? {
    for _ in 0..<3000 {
      if let message = try messages().first(where: fits) { return message }
      usleep(10_000)
    }
    return nil
  }

  /// The final answer to a request.
  func answer(_ id: Int) throws -> Message? {
    try wait { $0["id"] as? Int == id && $0["status"] != nil }
  }

  /// What a request answers.
  func answer(_ id: Int, _ method: String, _ params: Message = [:]) throws -> Message? {
    try ask(id, method, params)
    return try answer(id)
  }

  func events(_ id: Int, _ name: String) throws -> [Message] {
    try messages().filter { $0["id"] as? Int == id && $0["event"] as? String == name }
  }

  /// The exit status; the program gets half a minute.
  func exitStatus() -> Int32? {
    for _ in 0..<3000 where process.isRunning { usleep(10_000) }
    guard !process.isRunning else { return nil }
    return process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
  }
}
