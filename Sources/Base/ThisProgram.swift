/// What documents say of the program that made them.
public enum ThisProgram {
  public static let version = "0.1.0"
}
