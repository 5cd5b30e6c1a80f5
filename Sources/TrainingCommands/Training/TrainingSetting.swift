import Language

/// A setting of a training with its effective value, where that comes from, and what it touches.
struct TrainingSetting: Equatable {
  /// Where a value comes from.
  enum Origin: String {
    case flag
    case standard = "default"
    case order = "recorded order"
    case model = "the model's configuration"
  }

  var name: String
  var value: String
  var origin: Origin
  var touches: String

  init(_ name: String, _ value: String, from origin: Origin, touches: String) {
    (self.name, self.value, self.origin, self.touches) = (name, value, origin, touches)
  }

  /// A setting that a flag gives, or its default.
  init(_ name: String, _ value: String, _ call: Call, touches: String) {
    self.init(name, value, from: call.isGiven(name) ? .flag : .standard, touches: touches)
  }
}
