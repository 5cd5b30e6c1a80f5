import Base
import Language

extension Call {
  /// The stimuli to train on, which may be given with blanks or commas between them.
  var stimulusLabels: [String] { strings("stimulus").flatMap { $0.split(separator: ",").map(String.init) } }
}
