import Foundation
import Rendering
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Determines whether the terminal shows pictures.
public enum ImageProbe {
  /// Milliseconds to wait for the terminal's answer.
  static let patience: Int32 = 300

  /// The result; nil until the terminal has been asked.
  private static let answer = Mutex<ImageProtocol??>(nil)

  /// The pictures that the terminal shows. The terminal is asked once: when the first figure is shown and no key is waiting.
  public static var found: ImageProtocol? {
    answer.withLock { answer in
      if let answer { return answer }
      answer = find(ProcessInfo.processInfo.environment)
      return answer ?? nil
    }
  }

  /// Whether to ask the terminal, or the protocol that VCSH_IMAGES sets: `kitty`, `sixel`, or any other value for none.
  package static func wish(_ environment: [String: String]) -> (isAsked: Bool, images: ImageProtocol?) {
    if let wish = environment["VCSH_IMAGES"], !wish.isEmpty { return (false, ImageProtocol(rawValue: wish)) }
    // A terminal multiplexer redraws its screen, so pictures would not stay in place.
    let isMultiplexed = ["TMUX", "STY"].contains { environment[$0]?.isEmpty == false }
    return (!isMultiplexed && TerminalInfo.canMoveCursor(environment) && TerminalInfo.allowsColour(environment), nil)
  }

  /// The outer nil means unknown, the inner nil means text only.
  private static func find(_ environment: [String: String]) -> ImageProtocol?? {
    guard TerminalInfo.inputIsTerminal, TerminalInfo.outputIsTerminal, SVGConversion.isAvailable else {
      return .some(nil)
    }
    let (isAsked, images) = wish(environment)
    guard isAsked else { return .some(images) }
    return ask().map(ImageProtocol.answered)
  }

  /// The terminal's answer, read byte by byte without echo; nil where typed keys are waiting.
  private static func ask() -> String? {
    guard !isReadable(milliseconds: 0) else { return nil }
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
    var raw = before
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 else { return nil }
    defer { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
    guard (try? StandardStreams.write(ImageProtocol.question)) != nil else { return nil }
    var reply = ""
    let end = ContinuousClock.now + .milliseconds(Int64(patience))
    while ContinuousClock.now < end, reply.utf8.count < 1024, !ImageProtocol.isAnswered(by: reply) {
      var byte: UInt8 = 0
      guard isReadable(milliseconds: 20) else { continue }
      guard read(STDIN_FILENO, &byte, 1) == 1 else { break }
      reply.unicodeScalars.append(Unicode.Scalar(byte))
    }
    return reply
  }

  private static func isReadable(milliseconds: Int32) -> Bool {
    var source = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&source, 1, milliseconds) > 0
  }
}
