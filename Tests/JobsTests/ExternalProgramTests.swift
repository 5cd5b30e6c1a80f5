import Base
import Foundation
import Jobs
import TestSupport
import Testing

@Suite("A program that vcsh runs")
struct ExternalProgramTests {
  private func sh(_ script: String, _ more: [String] = []) throws -> (ExternalProgram, [String]) {
    (try ExternalProgram("sh", remedy: "apt-get install dash"), ["-c", script] + more)
  }

  private func run(
    _ script: String, input: Data = Data(), limit: Int = ExternalProgram.defaultLimit,
    cancellation: Cancellation? = nil
  ) throws -> ProgramResult {
    let (program, arguments) = try sh(script)
    return try program.run(arguments, input: input, limit: limit, cancellation: cancellation)
  }

  /// Runs the script and cancels it once it has made the file `ready` in its folder; the seconds from then to its end.
  private func secondsToCancel(_ script: String, in folder: String) throws -> Double {
    let (program, arguments) = try sh(script)
    let cancellation = Cancellation()
    let cancelled = Moment()
    let watcher = Thread {
      while !FileManager.default.fileExists(atPath: folder + "/ready") { usleep(1000) }
      cancelled.set()
      cancellation.cancel()
    }
    watcher.start()
    let failure = #expect(throws: Failure.self) {
      try program.run(arguments, folder: folder, cancellation: cancellation)
    }
    let seconds = cancelled.secondsSince
    #expect(failure == .interrupted)
    return seconds
  }

  private final class Moment: @unchecked Sendable {
    private let lock = NSLock()
    private var at: ContinuousClock.Instant?

    func set() { lock.withLock { at = ContinuousClock.now } }
    var secondsSince: Double {
      lock.withLock { at.map { (ContinuousClock.now - $0) / .seconds(1) } ?? .infinity }
    }
  }

  private func isAlive(_ file: String) throws -> Bool {
    let text = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    let process = try #require(pid_t(text))
    // It was sent a signal; on a busy machine it dies a moment later. A dead one whose parent has not looked yet is still
    // listed, as a zombie.
    for _ in 0..<500 {
      guard let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8), !state.contains(") Z ")
      else { return false }
      usleep(10_000)
    }
    return true
  }

  @Test("A program that has not ended in its time is stopped, with all that it started, and its result says so")
  func late() throws {
    let (program, arguments) = try sh("echo begun; sleep 100 & sleep 100")
    let result = try program.run(arguments, seconds: 0.2)
    #expect(result.end == .stopped(afterSeconds: 0.2))
    #expect(!result.isSuccess && result.ending == "it was stopped after 0.20 s")
    #expect(try program.run(["-c", "true"], seconds: 60).isSuccess)
  }

  @Test("Its output, its errors and its status come back")
  func result() throws {
    let result = try run("echo out; echo err >&2; exit 3")
    #expect(result.end == .exited(status: 3))
    #expect(!result.isSuccess)
    #expect(result.output.text == "out\n")
    #expect(result.errors.text == "err\n")
    #expect(result.ending == "it ended with status 3")
    #expect(try run("exit 0").isSuccess)
  }

  @Test("It gets the environment, the folder and the arguments that it is given, and nothing else")
  func surroundings() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (program, arguments) = try sh("pwd; echo \"$A,$HOME,$1\"", ["sh", "it's; $A"])
    let result = try program.run(arguments, environment: ["A": "b c"], folder: folder)
    #expect(result.output.text == "\(URL(filePath: folder).resolvingSymlinksInPath().path)\nb c,,it's; $A\n")
    let descriptors = try run("ls /proc/self/fd").output.text.split(separator: "\n")
    // Its own three, and the one with which ls reads the folder.
    #expect(descriptors.count == 4)
  }

  @Test("Input larger than a pipe holds goes in while output comes out")
  func largeInput() throws {
    let input = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    let result = try ExternalProgram("cat", remedy: "").run(input: input, limit: 4_000_000)
    #expect(result.output.bytes == input)
    #expect(result.output.dropped == 0)
  }

  @Test("Input that the program does not read is dropped without harm")
  func unreadInput() throws {
    let result = try run("exec <&-; sleep 0.1; echo done", input: Data(count: 1_000_000))
    #expect(result.isSuccess)
    #expect(result.output.text == "done\n")
  }

  @Test("Of long output the first bytes are kept and the rest is counted")
  func flood() throws {
    let result = try run("head -c 5000000 /dev/zero; echo end >&2", limit: 1000)
    #expect(result.output.bytes == Data(count: 1000))
    #expect(result.output.dropped == 4_999_000)
    #expect(result.errors.text == "end\n")
  }

  @Test("Cancellation ends a program that would never end, and what it started")
  func endless() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let seconds = try secondsToCancel("sleep 1000 & echo $! > child; : > ready; wait", in: folder)
    // The promise is 0.2 s; a machine that is busy with other tests gets more.
    #expect(seconds < 2)
    #expect(try !isAlive(folder + "/child"))
  }

  @Test("Cancellation ends a program that ignores SIGTERM, or that floods its output")
  func stubborn() throws {
    for script in [
      "trap '' TERM; echo $$ > child; : > ready; while :; do sleep 0.01; done", "echo $$ > child; : > ready; exec yes",
    ] {
      let folder = try Fixtures.temporaryFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      #expect(try secondsToCancel(script, in: folder) < 2)
      #expect(try !isAlive(folder + "/child"))
    }
  }

  @Test("A cancelled program can tidy up on SIGTERM")
  func tidies() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try secondsToCancel("trap ': > tidied; exit' TERM; : > ready; while :; do sleep 0.01; done", in: folder)
    #expect(FileManager.default.fileExists(atPath: folder + "/tidied"))
  }

  @Test("After a cancellation no program starts")
  func cancelledBefore() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: Failure.interrupted) { try run(": > \(folder)/started", cancellation: cancellation) }
    #expect(!FileManager.default.fileExists(atPath: folder + "/started"))
  }

  @Test("The end by a signal differs from the end with a status")
  func signalled() throws {
    let result = try run("kill -SEGV $$")
    #expect(result.end == .killed(signal: SIGSEGV))
    #expect(!result.isSuccess)
    #expect(result.ending.hasPrefix("signal 11 ended it ("))
    #expect(try run("exit 139").end == .exited(status: 139))
  }

  @Test("A process that the program leaves behind does not keep vcsh waiting")
  func leftBehind() throws {
    let began = ContinuousClock.now
    let result = try run("sleep 20 & echo started")
    #expect(result.output.text == "started\n")
    #expect(ContinuousClock.now - began < .seconds(10))
  }

  @Test("A missing program is named, with what to install")
  func missing() throws {
    let failure = #expect(throws: Failure.self) { try ExternalProgram("no-such-plotter", remedy: "apt-get install it") }
    #expect(failure?.kind == .system)
    #expect(failure?.message == "no-such-plotter is not installed")
    #expect(failure?.hint == "apt-get install it")
    #expect(ExternalProgram.path(of: "no-such-plotter") == nil)
    // A folder can be entered, which the system calls executable.
    #expect(ExternalProgram.path(of: "/tmp") == nil)
  }

  @Test("A program that can't be started fails with the reason; one that was removed is not installed")
  func broken() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/plotter"
    try "#!/nonexistent/interpreter\n".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    let program = try ExternalProgram(path, remedy: "install it again")
    let failure = #expect(throws: Failure.self) { try program.run() }
    #expect(failure?.message.contains("can't be started (\(path)): No such file") == true)
    #expect(failure?.hint == "install it again")
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: Failure(.system, "\(path) is not installed", hint: "install it again")) { try program.run() }
    let (shell, _) = try sh("")
    let zero = #expect(throws: Failure.self) { try shell.run(["-c", "echo a\0b"]) }
    #expect(zero?.kind == .usage && zero?.message.hasSuffix(" holds a zero byte") == true)
  }
}
