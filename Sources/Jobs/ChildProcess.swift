import Base
import CSpawn
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A process that vcsh has started, in a process group of its own.
struct ChildProcess {
  enum StartError: Error {
    /// The system's reason, an `errno`.
    case refused(Int32)
    /// An argument or a setting that would end at its zero byte.
    case zeroByte(String)
  }

  /// Descriptors that become its standard input, output and errors.
  struct Streams {
    var input: Int32
    var output: Int32
    var errors: Int32
  }

  /// Also the number of its process group.
  private let id: pid_t

  /// Seconds between SIGTERM, which a program may use to tidy up, and SIGKILL.
  private static let grace = 0.08
  /// Seconds after SIGKILL; a process that is stuck in the system, as on a dead network disk, is left behind.
  private static let lastWait = 0.05

  /// - Parameter command: the program's file and its arguments.
  init(
    _ command: [String], environment: [String: String], folder: String?, streams: Streams
  ) throws(StartError) {
    let settings = environment.map { "\($0.key)=\($0.value)" }
    if let bad = (command + settings + (folder.map { [$0] } ?? [])).first(where: { $0.utf8.contains(0) }) {
      throw .zeroByte(bad)
    }
    let words = command.map { strdup($0) }
    let pairs = settings.map { strdup($0) }
    defer { for text in words + pairs { free(text) } }
    var process: pid_t = 0
    let code = cspawn_start(
      words + [nil], pairs + [nil], folder, streams.input, streams.output, streams.errors, &process)
    guard code == 0 else { throw .refused(code) }
    id = process
  }

  /// Whether it has ended. It stays known to the system until `reap`, so that its number is not given to another.
  var hasEnded: Bool {
    var info = siginfo_t()
    // Where the system knows it no more, there is nothing left to wait for.
    return waitid(P_PID, id_t(id), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_signo == SIGCHLD
  }

  /// How it ended; waits for it.
  /// - Throws: a failure where the system kept no account of it.
  func reap() throws -> ProgramResult.End {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      guard errno == EINTR else {
        throw Failure(.system, "can't tell how a program ended: \(String(cString: strerror(errno)))")
      }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited(status: (status >> 8) & 0xff) : .killed(signal: signal)
  }

  /// Ends it and everything in its process group: asks first, then forces.
  func stop() {
    kill(-id, SIGTERM)
    wait(seconds: Self.grace)
    // Those that it started may live on where it has ended.
    kill(-id, SIGKILL)
    wait(seconds: Self.lastWait)
    var status: Int32 = 0
    waitpid(id, &status, WNOHANG)
  }

  private func wait(seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    while !hasEnded, ContinuousClock.now < end { usleep(2000) }
  }
}
