@main struct Outrider { static func main() {} }
