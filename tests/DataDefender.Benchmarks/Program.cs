Console.WriteLine("radius");
