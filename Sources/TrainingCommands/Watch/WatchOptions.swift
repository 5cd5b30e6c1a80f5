import Base
import Language
import Session

/// What a call of `watch` asks for.
struct WatchOptions {
  let fast: WatchedRecipe?
  let slow: WatchedRecipe?
  /// Seconds from one look to the next; changes are seen at once where the system reports them.
  let pollSeconds: Double
  let polls: Bool
  let untilEnd: Bool
  let minutes: Double?
  /// The watch ends some time after this process.
  let process: OtherProcess?
  let risingEpochs: Int
  let quietSeconds: Double
  let onAlarm: String?
  let tensorboard: String?

  static let pollSecondsByDefault = 5.0

  init(_ call: Call, in session: Session) throws {
    fast = try WatchedRecipe("fast", interval: "every", call, in: session)
    slow = try WatchedRecipe("slow", interval: "slow-every", call, in: session)
    func positive(_ flag: String) throws -> Double? {
      guard let value = try call.optionalFloat(flag) else { return nil }
      guard value.isFinite, value > 0, value < 1e9 else {
        throw Failure(.usage, "--\(flag) must be a number above 0", span: call.span(of: flag))
      }
      return value
    }
    polls = call.isGiven("poll")
    pollSeconds = try positive("poll") ?? Self.pollSecondsByDefault
    untilEnd = call.isSet("until-end")
    minutes = try positive("minutes")
    process = try call.optionalInt("while").map { pid in
      guard let process = OtherProcess(pid: pid) else {
        throw Failure(.missing, "--while: no process \(pid) lives", span: call.span(of: "while"))
      }
      return process
    }
    risingEpochs = try call.int("loss-up")
    guard (1...1_000_000).contains(risingEpochs) else {
      throw Failure(.usage, "--loss-up must be at least 1", span: call.span(of: "loss-up"))
    }
    quietSeconds = 60 * (try positive("still") ?? 30)
    onAlarm = try call.optionalString("on-alarm")
    tensorboard = try call.optionalString("tensorboard").map { try session.output($0) }
  }
}
