package main

var storingDamaged = []fault{}
